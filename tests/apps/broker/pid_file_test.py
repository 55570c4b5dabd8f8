"""The pid file is gone whenever the broker is. Environment: BROKER is the program."""

import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import unittest

BROKER = os.environ["BROKER"]
PATIENCE_S = 30
ROUNDS = 40


class PidFile(unittest.TestCase):
    def test_a_signal_at_any_moment_of_the_start_leaves_no_pid_file(self):
        """Before, while and after it is written. Until the broker heeds signals they end it at once."""
        heeded = 0
        with tempfile.TemporaryDirectory() as folder:
            pid_file = pathlib.Path(folder, "pid")
            conf = pathlib.Path(folder, "conf")
            conf.write_text(f"user root\nlistener {free_port()} 127.0.0.1\nallow_anonymous true\npid_file {pid_file}\n")
            for step in range(ROUNDS):
                with subprocess.Popen([BROKER, "-c", conf], stderr=subprocess.PIPE) as broker:
                    if step % 2 == 0:
                        time.sleep(step / 1000)
                    else:
                        wait_for(pid_file, broker)
                    broker.send_signal(signal.SIGTERM)
                    status = broker.wait(PATIENCE_S)
                    broker.stderr.read()
                self.assertIn(status, (0, -signal.SIGTERM))
                self.assertFalse(pid_file.exists())
                heeded += status == 0
        self.assertGreaterEqual(heeded, ROUNDS // 2)

    def test_a_pipe_in_its_place_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            pid_file = pathlib.Path(folder, "pid")
            os.mkfifo(pid_file)
            conf = pathlib.Path(folder, "conf")
            conf.write_text(f"user root\nlistener {free_port()} 127.0.0.1\nallow_anonymous true\npid_file {pid_file}\n")
            done = subprocess.run([BROKER, "-c", conf], capture_output=True, timeout=PATIENCE_S)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(b"pid_file", done.stderr)
            self.assertTrue(pid_file.is_fifo())


def wait_for(path, process):
    end = time.monotonic() + PATIENCE_S
    while not path.exists():
        if process.poll() is not None or time.monotonic() > end:
            raise AssertionError("the broker wrote no pid file")
        time.sleep(0.0005)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    unittest.main()
