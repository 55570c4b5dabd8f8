"""The System V init script, run with files of its own. MQTT_BROKER is the program, INIT_SCRIPT the script;
without start-stop-daemon the test is skipped."""

import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

SCRIPT = os.environ["INIT_SCRIPT"]
PROGRAM = os.environ["MQTT_BROKER"]
HOST = "127.0.0.1"
PATIENCE_S = 30


def free_port():
    """One that the system gives to nobody by itself."""
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
                return port
            except OSError:
                continue


class InitScript(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="mqtt-init-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.port = free_port()
        self.config = self.folder / "broker.conf"
        self.log = self.folder / "broker.log"
        self.pid_file = self.folder / "pid"
        self.write_config("sys_interval 10")
        self.defaults = self.folder / "defaults"
        self.write_defaults(PROGRAM)
        self.addCleanup(self.run_script, "stop")

    def write_config(self, *lines):
        self.config.write_text("\n".join(["user root", "allow_anonymous true", f"log_dest file {self.log}",
                                          *lines, f"listener {self.port} {HOST}"]) + "\n")

    def write_defaults(self, program):
        self.defaults.write_text(f"DAEMON={program}\nCONFIG={self.config}\nPIDFILE={self.pid_file}\n"
                                 f"RUNDIR=\nOPTIONS=-v\nSTOP_TIMEOUT={PATIENCE_S}\n")

    def run_script(self, action):
        return subprocess.run(["sh", SCRIPT, action], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=2 * PATIENCE_S, check=False, env=dict(os.environ, MQTT_BROKER_DEFAULTS=str(self.defaults)))

    def expect(self, action, status):
        done = self.run_script(action)
        self.assertEqual(done.returncode, status, f"{action}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def is_served(self):
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0

    def pid(self):
        return int(self.pid_file.read_text())

    def wait_for_log(self, text):
        give_up = time.monotonic() + PATIENCE_S
        while text not in self.log.read_text():
            self.assertLess(time.monotonic(), give_up, f"{text} in {self.log.read_text()}")
            time.sleep(0.01)

    def test_its_life(self):
        self.expect("status", 3)
        self.expect("start", 0)
        self.assertTrue(self.is_served())  # it is ready when the script ends
        self.expect("status", 0)
        first = self.pid()
        self.expect("start", 0)  # is no failure, and changes nothing
        self.assertEqual(self.pid(), first)

        self.write_config("sys_interval 20")
        self.expect("force-reload", 0)
        self.wait_for_log("sys_interval: 10 -> 20")
        self.expect("reload", 0)
        self.assertEqual(self.pid(), first)

        self.expect("restart", 0)
        self.assertNotEqual(self.pid(), first)
        self.assertTrue(self.is_served())
        self.expect("try-restart", 0)

        self.expect("stop", 0)
        self.assertFalse(self.is_served())
        self.assertFalse(self.pid_file.exists())
        self.assertIn("terminating", self.log.read_text())
        self.expect("stop", 0)
        self.expect("try-restart", 0)
        self.assertFalse(self.is_served())
        self.expect("reload", 7)

    def test_it_starts_when_restarted(self):
        self.expect("restart", 0)
        self.assertTrue(self.is_served())

    def test_a_configuration_with_an_error_is_told_before_anything_changes(self):
        self.write_config("sys_intervall 10")
        self.assertIn("sys_interval", self.expect("start", 6))
        self.assertFalse(self.is_served())
        self.write_config()
        self.expect("start", 0)
        pid = self.pid()
        self.write_config("sys_intervall 10")
        for action in ("reload", "restart", "try-restart"):
            self.assertIn("sys_interval", self.expect(action, 6))
        self.assertTrue(self.is_served())
        self.assertEqual(self.pid(), pid)

    def test_a_start_that_fails_is_a_failure(self):
        with socket.socket() as taken:
            taken.bind((HOST, self.port))
            taken.listen()
            self.expect("start", 1)
        self.assertFalse(self.pid_file.exists())
        self.expect("status", 3)

    def test_a_broker_that_died_is_told_from_one_that_was_stopped(self):
        self.expect("start", 0)
        os.kill(self.pid(), signal.SIGKILL)
        give_up = time.monotonic() + PATIENCE_S
        while self.run_script("status").returncode == 0:
            self.assertLess(time.monotonic(), give_up)
        self.expect("status", 1)
        self.expect("start", 0)
        self.assertTrue(self.is_served())

    def test_without_the_program(self):
        self.write_defaults("/nowhere/mqtt-broker")
        self.expect("start", 5)
        self.expect("stop", 0)
        self.expect("status", 4)

    def test_unknown_actions(self):
        self.assertIn("Usage", self.expect("begin", 2))

    def test_its_header_says_what_insserv_asks_for(self):
        header = pathlib.Path(SCRIPT).read_text().split("### END INIT INFO")[0]
        for key in ("Provides", "Required-Start", "Required-Stop", "Default-Start", "Default-Stop",
                    "Short-Description", "Description"):
            self.assertRegex(header, rf"(?m)^# {key}: +\S")


if __name__ == "__main__":
    if not shutil.which("start-stop-daemon", path=os.environ["PATH"] + ":/sbin:/usr/sbin"):
        print("Skipped: there is no start-stop-daemon")
        sys.exit(77)
    unittest.main()
