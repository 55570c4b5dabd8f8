"""Sockets that a service manager has opened (socket activation of systemd), which is played by a small launcher,
and by systemd-socket-activate where it is installed."""

import fcntl
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import unittest

from broker_process import HOST, PATIENCE_S, PROGRAM, RUNNING, WORKERS, LogLines, free_port
from raw_client import CONNECT_311, RawClient

CONNACK = b"\x20\x02\x00\x00"


def listening(family, address, backlog=16, kind=socket.SOCK_STREAM):
    """A socket as a service manager makes it: blocking, and it goes to who is started."""
    made = socket.socket(family, kind)
    if family != socket.AF_UNIX:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(address)
    if kind == socket.SOCK_STREAM:
        made.listen(backlog)
    return made


class Activated:
    """A broker that is given sockets as descriptors 3, 4, ... `owner` is a test."""

    def __init__(self, owner, sockets, config, names=None):
        self.folder = tempfile.TemporaryDirectory(prefix="mqtt-peers-")
        owner.addCleanup(self.folder.cleanup)
        config_file = pathlib.Path(self.folder.name, "broker.conf")
        config_file.write_text(f"user root\nallow_anonymous true\nlog_dest stderr\nlog_type all\nworkers {WORKERS}\n{config}\n")
        # High numbers first, so that none is overwritten before it is moved to its place.
        high = [os.dup(one.fileno()) for one in sockets]
        moves = " ".join(f"{3 + i}<&{fd}" for i, fd in enumerate(self._above(high, 3 + len(sockets))))
        environment = dict(os.environ, LISTEN_FDS=str(len(sockets)))
        environment.pop("LISTEN_FDNAMES", None)
        if names is not None:
            environment["LISTEN_FDNAMES"] = ":".join(names)
        command = f'LISTEN_PID=$$; export LISTEN_PID; exec "$0" "$@" {moves}'
        self.process = subprocess.Popen(["bash", "-c", command, PROGRAM, "-c", str(config_file)],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        text=True, pass_fds=self._fds, env=environment)
        for fd in self._fds:
            os.close(fd)
        self.log = LogLines(self.process.stderr)
        owner.addCleanup(self.process.stderr.close)
        owner.addCleanup(self.log.join)
        owner.addCleanup(self.end)

    def _above(self, descriptors, least):
        self._fds = [fcntl.fcntl(fd, fcntl.F_DUPFD, max(least, 20)) for fd in descriptors]
        for fd in descriptors:
            os.close(fd)
        return self._fds

    def wait(self):
        if not self.log.wait_for(RUNNING):
            raise AssertionError(f"the broker did not start:\n{self.log.text()}")
        return self

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE_S)
        finally:
            self.process.kill()


class SocketActivation(unittest.TestCase):
    def is_served(self, family, address):
        through = socket.socket(family, socket.SOCK_STREAM)
        through.settimeout(PATIENCE_S)
        through.connect(address)
        return RawClient(self, None, CONNECT_311, through).connack == CONNACK

    def own(self, *sockets):
        for one in sockets:
            self.addCleanup(one.close)
        return sockets

    def test_a_socket_serves_the_listener_of_its_address(self):
        (one,) = self.own(listening(socket.AF_INET, (HOST, 0)))
        port = one.getsockname()[1]
        broker = Activated(self, [one], f"listener {port} {HOST}", ["mqtt.socket"]).wait()
        self.assertTrue(self.is_served(socket.AF_INET, (HOST, port)))
        self.assertIsNone(broker.log.find("passed a socket"))
        broker.end()
        # The service manager's own descriptor still listens: who comes now waits for the next start.
        with socket.create_connection((HOST, port), PATIENCE_S):
            pass

    def test_clients_that_came_before_the_broker_are_served(self):
        (one,) = self.own(listening(socket.AF_INET, (HOST, 0)))
        port = one.getsockname()[1]
        early = socket.create_connection((HOST, port), PATIENCE_S)
        early.sendall(CONNECT_311)
        Activated(self, [one], f"listener {port} {HOST}").wait()
        self.assertEqual(RawClient(self, None, None, early).packet(), CONNACK)

    def test_one_of_both_families_serves_a_listener_without_a_host(self):
        both = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        both.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        both.bind(("::", free_port()))
        both.listen()
        self.own(both)
        port = both.getsockname()[1]
        broker = Activated(self, [both], f"listener {port}").wait()
        self.assertTrue(self.is_served(socket.AF_INET, (HOST, port)))
        self.assertTrue(self.is_served(socket.AF_INET6, ("::1", port)))
        self.assertIsNone(broker.log.find("passed a socket"))

    def test_unix_sockets_and_several_at_once(self):
        path = os.path.join(tempfile.mkdtemp(prefix="mqtt-"), "s")
        self.addCleanup(shutil.rmtree, os.path.dirname(path))
        local, one, two = self.own(listening(socket.AF_UNIX, path), listening(socket.AF_INET, (HOST, 0)),
                                   listening(socket.AF_INET, (HOST, 0)))
        ports = [one.getsockname()[1], two.getsockname()[1]]
        own_port = free_port()
        config = "\n".join([f"listener {ports[1]} {HOST}", f"listener 0 {path}", f"listener {own_port} {HOST}",
                            f"listener {ports[0]} {HOST}"])
        broker = Activated(self, [local, one, two], config, ["local", "one", "two"]).wait()
        for port in (*ports, own_port):
            self.assertTrue(self.is_served(socket.AF_INET, (HOST, port)))
        self.assertTrue(self.is_served(socket.AF_UNIX, path))
        broker.end()
        self.assertTrue(os.path.exists(path))  # its file is not the broker's

    def test_a_socket_that_no_listener_is_for_is_told(self):
        used, other, datagrams = self.own(listening(socket.AF_INET, (HOST, 0)), listening(socket.AF_INET, (HOST, 0)),
                                          listening(socket.AF_INET, (HOST, 0), kind=socket.SOCK_DGRAM))
        port, other_port = used.getsockname()[1], other.getsockname()[1]
        broker = Activated(self, [other, used, datagrams], f"listener {port} {HOST}", ["stray", "mqtt", "udp"]).wait()
        self.assertTrue(self.is_served(socket.AF_INET, (HOST, port)))
        self.assertTrue(broker.log.find(rf"passed a socket stray \({HOST} port {other_port}\) that no listener"))
        self.assertTrue(broker.log.find(r"passed a socket udp \(.*\) that does not listen"))

    def test_sockets_of_local_only_mode(self):
        port = free_port()
        (one,) = self.own(listening(socket.AF_INET, (HOST, port)))
        command = f'LISTEN_PID=$$; export LISTEN_PID; exec "$0" "$@" 3<&{one.fileno()}'
        process = subprocess.Popen(["bash", "-c", command, PROGRAM, "-p", str(port)], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                   pass_fds=[one.fileno()], env=dict(os.environ, LISTEN_FDS="1"))
        self.addCleanup(process.stderr.close)
        log = LogLines(process.stderr)
        self.addCleanup(log.join)
        self.addCleanup(process.kill)
        self.assertTrue(log.wait_for(RUNNING), log.text())
        self.assertTrue(self.is_served(socket.AF_INET, (HOST, port)))
        self.assertIsNone(log.find(f"listener {port} 127"))
        process.terminate()
        self.assertEqual(process.wait(PATIENCE_S), 0)

    def test_sockets_that_are_for_another_process_are_left_alone(self):
        (one,) = self.own(listening(socket.AF_INET, (HOST, 0)))
        port = free_port()
        broker = Activated(self, [one], f"listener {port} {HOST}")
        broker.end()  # the same with a number that is not its own:
        environment = dict(os.environ, LISTEN_FDS="1", LISTEN_PID="1")
        file = pathlib.Path(broker.folder.name, "broker.conf")
        process = subprocess.Popen([PROGRAM, "-c", str(file)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True, env=environment)
        self.addCleanup(process.stderr.close)
        log = LogLines(process.stderr)
        self.addCleanup(log.join)
        self.addCleanup(process.kill)
        self.assertTrue(log.wait_for(RUNNING), log.text())
        self.assertIsNone(log.find("passed a socket"))
        process.terminate()
        self.assertEqual(process.wait(PATIENCE_S), 0)

    @unittest.skipUnless(shutil.which("systemd-socket-activate"), "systemd-socket-activate is not installed")
    def test_the_program_of_systemd(self):
        port = free_port()
        file = pathlib.Path(tempfile.mkdtemp(prefix="mqtt-")) / "broker.conf"
        self.addCleanup(shutil.rmtree, file.parent)
        file.write_text(f"user root\nallow_anonymous true\nworkers {WORKERS}\nlistener {port} {HOST}\n")
        process = subprocess.Popen(["systemd-socket-activate", "-l", f"{HOST}:{port}", "--fdname=mqtt", PROGRAM, "-c",
                                    str(file)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        log = LogLines(process.stderr)
        self.addCleanup(log.join)
        self.addCleanup(process.kill)
        self.assertTrue(log.wait_for("Listening on"), log.text())
        self.assertTrue(self.is_served(socket.AF_INET, (HOST, port)))  # it is started now
        self.assertTrue(log.wait_for(RUNNING))
        self.assertIsNone(log.find("passed a socket"))
        process.terminate()
        self.assertEqual(process.wait(PATIENCE_S), 0)


class Unit(unittest.TestCase):
    """The units of packaging/systemd, as far as systemd itself checks them."""

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
    def test_systemd_understands_them(self):
        source = pathlib.Path(__file__).parents[2] / "packaging" / "systemd"
        with tempfile.TemporaryDirectory() as folder:
            for unit in ("mqtt-broker.service", "mqtt-broker.socket"):
                # The program may not be installed here.
                text = re.sub(r"ExecStart=\S+", f"ExecStart={PROGRAM}", (source / unit).read_text())
                pathlib.Path(folder, unit).write_text(text)
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", *map(str, sorted(pathlib.Path(folder).iterdir()))],
                                  capture_output=True, text=True, check=False, timeout=PATIENCE_S)
        ours = [line for line in done.stderr.splitlines() if "mqtt-broker" in line]
        self.assertEqual(ours, [])


if __name__ == "__main__":
    unittest.main()
