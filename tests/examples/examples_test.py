"""The configurations in examples/: each is started as its comments say, and tried as they say.

Ports, the folders of the package and its account are replaced by free ones. A comment line that begins with `$ ` is a
command: it is run before the broker is started, or afterwards if it calls a client. A test that runs as root starts
the broker as root, and it becomes an account that can read nothing but what the comments let it read.
"""

import base64
import contextlib
import grp
import os
import pathlib
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
SOURCE = pathlib.Path(os.environ["SOURCE"])
PROGRAMS = pathlib.Path(os.environ["PROGRAMS"])
sys.path.insert(0, str(SOURCE / "tests/peers"))

from broker_process import HOST, PATIENCE_S, PROGRAM, RUNNING, LogLines, free_port  # noqa: E402

EXAMPLES = SOURCE / "examples"
HAPROXY = shutil.which("haproxy") or shutil.which("/usr/sbin/haproxy")
# In place of the package's account. Whoever is not root can become nobody else.
ACCOUNT = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
GROUP = grp.getgrgid(ACCOUNT.pw_gid).gr_name
FOLDERS = re.compile(r"/etc/haproxy|/(?:etc|run|var/log|var/lib)/mqtt-broker")


class Example:
    """A configuration, its commands, and where both are when it runs here."""

    def __init__(self, name, other_ports=()):
        text = (EXAMPLES / name).read_text()
        self.scratch = tempfile.TemporaryDirectory(prefix="mqtt-examples-")
        self.folder = pathlib.Path(self.scratch.name)
        self.folder.chmod(0o755)  # as /etc/mqtt-broker is
        self.ports = {port: free_port() for port in [*re.findall(r"^listener (\d+)", text, re.M), *other_ports]}
        text = FOLDERS.sub(self.scratch.name, text)
        # An open port on all addresses is more than a test needs.
        text = re.sub(r"^listener (\d+).*$", lambda row: f"listener {self.ports[row[1]]} {HOST}", text, flags=re.M)
        self.commands = [re.sub(r"(?<= -p )\d+", lambda port: str(self.ports[port[0]]),
                                command.replace("chgrp mqtt-broker ", f"chgrp {GROUP} "))
                         for command in re.findall(r"^#   \$ (.*)$", text, re.M)]
        settings = [line for line in text.splitlines() if line and not line.startswith("#")]
        for line in settings:
            paths = re.findall(r"(?<= )/\S+", line)
            assert all(path.startswith(self.scratch.name) for path in paths), f"{name}: a path of no known folder: {line}"
        for path in EXAMPLES.glob("*.acl"):
            shutil.copy(path, self.folder)
        # Its log is read here.
        self.config = self.folder / "example.conf"
        self.config.write_text("\n".join([*settings, f"user {ACCOUNT.pw_name}", "log_dest stderr", "log_type all"]) + "\n")

    def run(self, command, check=True):
        environment = dict(os.environ, PATH=f"{PROGRAMS}:{os.environ['PATH']}", XDG_CONFIG_HOME=self.scratch.name)
        done = subprocess.run(["bash", "-c", command], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        if check and done.returncode:
            raise AssertionError(f"{command}\nended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    @contextlib.contextmanager
    def started(self, before_trials=lambda example: None):
        with self.scratch:
            trials = [command for command in self.commands if re.match("mqtt-(pub|sub|rr) ", command)]
            for command in self.commands:
                if command not in trials:
                    self.run(command)
            checked = subprocess.run([PROGRAM, "-c", self.config, "--test-config"], capture_output=True, text=True,
                                     check=False)
            if checked.returncode:
                raise AssertionError(checked.stdout + checked.stderr)
            process = subprocess.Popen([PROGRAM, "-c", self.config], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            try:
                self.log = LogLines(process.stderr)
                if not self.log.wait_for(RUNNING):
                    raise AssertionError(f"it did not start:\n{self.log.text()}")
                before_trials(self)
                if not trials:
                    raise AssertionError("its comments do not say how to try it")
                self.answers = [self.run(command).stdout for command in trials]
                yield self
            finally:
                process.terminate()
                status = process.wait(PATIENCE_S)
                self.log.join()
                process.stderr.close()
            if status:
                raise AssertionError(f"it ended with {status}:\n{self.log.text()}")


class Examples(unittest.TestCase):
    tested = set()

    def example(self, name, before_trials=lambda example: None, other_ports=()):
        self.tested.add(name)
        started = Example(name, other_ports).started(before_trials)
        example = started.__enter__()
        self.addCleanup(started.__exit__, None, None, None)
        return example

    def test_local_network(self):
        self.assertEqual(self.example("local-network.conf").answers[-1], "home/kitchen/lamp on\n")

    def test_passwords_and_acl(self):
        example = self.example("passwords-and-acl.conf")
        self.assertEqual(example.answers[-1], "devices/sensor-7/state 21.5\n")
        port = example.ports["1883"]
        self.assertEqual(example.run(f"mqtt-pub -p {port} -t x -m y", check=False).returncode, 5)  # not authorised
        self.assertEqual(example.run(f"mqtt-pub -p {port} -u alice -P his -t x -m y", check=False).returncode, 5)
        # A device that speaks for another is told so, and the log says which rules it was measured by.
        denied = example.run(f"mqtt-pub -V 5 -p {port} -u sensor-7 -P its -t devices/sensor-8/state -m x -q 1", check=False)
        self.assertEqual(denied.returncode, 65, denied.stderr)
        self.assertTrue(example.log.wait_for("(?i)denied.*devices/sensor-8/state"))

    def test_tls(self):
        example = self.example("tls.conf")
        self.assertEqual(example.answers[-1], "good\n")
        plain = example.run(f"mqtt-pub -p {example.ports['8883']} -u alice -P hers -t x -m y", check=False)
        self.assertNotEqual(plain.returncode, 0)

    def test_tls_client_certificates(self):
        example = self.example("tls-client-certificates.conf")
        bare = f"mqtt-pub -h localhost -p {example.ports['8883']} --cafile {example.folder}/authority.pem"
        self.assertEqual(example.run(f"{bare} -t x -m y", check=False).returncode, 8)
        known = f"{bare} --cert {example.folder}/pump-3.pem --key {example.folder}/pump-3.key -V 5 -q 1"
        self.assertEqual(example.run(f"{known} -t devices/pump-4/state -m x", check=False).returncode, 65)

    def test_psk(self):
        example = self.example("psk.conf")
        wrong = f"mqtt-pub -h localhost -p {example.ports['8884']} --psk-identity valve-9 --psk 00 -t x -m y"
        self.assertEqual(example.run(wrong, check=False).returncode, 8)

    def test_websocket(self):
        example = self.example("websocket.conf")
        self.assertEqual(example.answers[-1], "good\n")
        for origin, status in (("https://app.example.org", b"101"), ("https://elsewhere.example", b"403")):
            with socket.create_connection((HOST, example.ports["8080"]), PATIENCE_S) as browser:
                browser.sendall(b"\r\n".join([
                    b"GET / HTTP/1.1", b"Host: broker.example", b"Upgrade: websocket", b"Connection: Upgrade",
                    b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Protocol: mqtt",
                    b"Sec-WebSocket-Key: " + base64.b64encode(bytes(16)), b"Origin: " + origin.encode(), b"", b""]))
                self.assertEqual(browser.recv(12), b"HTTP/1.1 " + status)

    @unittest.skipUnless(HAPROXY, "haproxy is not installed")
    def test_behind_haproxy(self):
        def start_haproxy(example):
            with socket.create_server((HOST, example.ports["8883"]), reuse_port=True) as listening:
                config = FOLDERS.sub(example.scratch.name, (EXAMPLES / "haproxy.cfg").read_text())
                config = config.replace("127.0.0.1:1884", f"{HOST}:{example.ports['1884']}")
                config = config.replace("bind :8883", f"bind fd@{listening.fileno()}")
                (example.folder / "haproxy.cfg").write_text(config)
                haproxy = subprocess.Popen([HAPROXY, "-db", "-f", example.folder / "haproxy.cfg"], stdin=subprocess.DEVNULL,
                                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                           pass_fds=[listening.fileno()])
            self.addCleanup(haproxy.wait, PATIENCE_S)
            self.addCleanup(haproxy.kill)

        example = self.example("behind-haproxy.conf", start_haproxy, ["8883"])
        self.assertTrue(example.log.wait_for("New client connected .*u'pump-3'"))
        direct = example.run(f"mqtt-pub -p {example.ports['1884']} -t x -m y", check=False)
        self.assertNotEqual(direct.returncode, 0)

    def test_exposed(self):
        example = self.example("exposed.conf")
        bare = f"mqtt-pub -V 5 -p {example.ports['1883']} -u alice -P hers -t x"
        self.assertEqual(example.run(f"head -c 60000 /dev/zero | {bare} -s -q 1").returncode, 0)
        self.assertNotEqual(example.run(f"head -c 70000 /dev/zero | {bare} -s -q 1", check=False).returncode, 0)

    def test_many_cores(self):
        self.example("many-cores.conf")

    def test_several_tenants(self):
        example = self.example("several-tenants.conf")
        self.assertEqual(example.answers[-1], "north/state fine\n")
        neighbour = example.run(f"mqtt-sub -p {example.ports['1885']} -t '#' --retained-only -W 1", check=False)
        self.assertEqual((neighbour.returncode, neighbour.stdout), (27, ""))

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not installed")
    def test_service(self):
        self.tested.add("service.conf")
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder) / "mqtt-broker.service"
            text = (SOURCE / "packaging/systemd/mqtt-broker.service").read_text()
            drop_in = (EXAMPLES / "service.conf").read_text()
            unit.write_text(text.replace("/usr/sbin/mqtt-broker", "/bin/true") + drop_in)
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn(b"exposure", subprocess.run(
                ["systemd-analyze", "security", "--offline=true", "--threshold=12", unit], capture_output=True, check=True).stdout)

    @classmethod
    def tearDownClass(cls):
        """Every example has a test above, and a row in the README."""
        if len(cls.tested) > 1:  # not when a single test was asked for
            there = {path.name for path in EXAMPLES.glob("*.conf")}
            listed = set(re.findall(r"\]\(([\w-]+\.conf)\)", (EXAMPLES / "README.md").read_text()))
            assert there == cls.tested == listed, (there, cls.tested, listed)


if __name__ == "__main__":
    unittest.main()
