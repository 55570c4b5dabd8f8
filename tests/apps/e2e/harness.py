"""What the end-to-end tests of the tools share: a broker on a free port, the programs, a script for
what a broker would say.

Environment: MQTT_PUB, MQTT_SUB, MQTT_RR and MQTT_BENCH are the programs under test; BROKER is the program that serves
them, any broker that reads a mosquitto.conf.
"""

import contextlib
import os
import pathlib
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest

PUB = os.environ["MQTT_PUB"]
SUB = os.environ["MQTT_SUB"]
RR = os.environ["MQTT_RR"]
BENCH = os.environ["MQTT_BENCH"]
BROKER = os.environ["BROKER"]

# Nothing here takes as long as this; it turns a hanging test into a failing one.
PATIENCE_S = 30


# What stands in the options files of whoever runs the tests is none of their business.
NO_CONFIGURATION = tempfile.TemporaryDirectory(prefix="mqtt-e2e-")
os.environ["XDG_CONFIG_HOME"] = NO_CONFIGURATION.name


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Broker:
    """A broker of its own for one test class, with a TCP port and a Unix socket."""

    def __init__(self, *lines):
        self.folder = tempfile.TemporaryDirectory(prefix="mqtt-e2e-")
        self.socket_path = os.path.join(self.folder.name, "socket")
        for _ in range(5):  # another process may take the port that was free a moment ago
            self.port = free_port()
            self.process = self._start(lines)
            if self._is_up():
                return
        log = self.log()
        self.stop()
        raise RuntimeError(f"{BROKER} does not start: {log}")

    def _start(self, lines):
        conf = pathlib.Path(self.folder.name, "broker.conf")
        # The files of a test are its own, also where root runs it.
        conf.write_text("\n".join(["user root", f"listener {self.port} 127.0.0.1", *lines, ""]))
        log = open(os.path.join(self.folder.name, "log"), "wb")
        with log:
            return subprocess.Popen([BROKER, "-c", str(conf)], stdout=log, stderr=log)

    def _is_up(self):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port)).close()
                return True
            time.sleep(0.01)
        return False

    def log(self):
        return pathlib.Path(self.folder.name, "log").read_text(errors="replace")

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE_S)
        self.folder.cleanup()


class ToolTest(unittest.TestCase):
    """Runs the tools against the port that `self.port` names."""

    def run_tool(self, program, *args, stdin=b"", timeout=PATIENCE_S):
        """The finished process: returncode, stdout and stderr as bytes."""
        return subprocess.run([program, "-h", "127.0.0.1", "-p", str(self.port), *args],
                              input=stdin, capture_output=True, timeout=timeout, check=False)

    def pub(self, *args, **more):
        return self.run_tool(PUB, *args, **more)

    def sub(self, *args, **more):
        return self.run_tool(SUB, *args, **more)

    def rr(self, *args, **more):
        return self.run_tool(RR, *args, **more)

    def publish(self, *args, **more):
        """Publishes and insists that it went well."""
        done = self.pub(*args, **more)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return done

    def receive(self, *args, **more):
        """What a subscriber prints that ends well."""
        done = self.sub(*args, **more)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return done.stdout

    def start(self, program, *args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, **more):
        process = subprocess.Popen([program, "-h", "127.0.0.1", "-p", str(self.port), *args],
                                   stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, **more)
        self.addCleanup(end, process)
        return process

    def start_subscribed(self, *args, **more):
        """A subscriber whose subscription is in force. Its trace up to then is read."""
        process = self.start(SUB, "-d", *args, **more)
        for line in process.stdout:
            if line.startswith(b"Subscribed "):
                return process
        self.fail(f"did not subscribe: {process.stderr.read()}")


class BrokerTest(ToolTest):
    """Tests that talk to a real broker, which all tests of a class share: each has its own topic."""

    BROKER_LINES = ["allow_anonymous true"]

    @classmethod
    def setUpClass(cls):
        cls.broker = Broker(*cls.BROKER_LINES)
        cls.port = cls.broker.port

    @classmethod
    def tearDownClass(cls):
        cls.broker.stop()

    def setUp(self):
        self.topic = self.id().rsplit(".", 1)[-1]

    def keep_session(self, *args):
        """Subscribes in a session of its own that goes on; `take_session` collects what it got."""
        self.receive("-i", self.topic, "-c", "-q", "2", "-t", self.topic, "-E", *args)

    def take_session(self, *args):
        return self.receive("-i", self.topic, "-c", "-q", "2", "-t", self.topic, *args)


def end(process):
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe:
            with contextlib.suppress(OSError):  # what waits in it has no reader any more
                pipe.close()


# --- a broker by script -----------------------------------------------------------------------


class Peer:
    """The broker's end of one connection, driven by a test: `read` a packet, `send` bytes."""

    def __init__(self, connection):
        self.socket = connection
        self.socket.settimeout(PATIENCE_S)

    def _take(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def read(self):
        """The next packet: its first byte and its body; None at the end."""
        try:
            first = self._take(1)[0]
            length, shift = 0, 0
            while True:
                byte = self._take(1)[0]
                length |= (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80:
                    return first, self._take(length)
        except (EOFError, ConnectionResetError):
            return None

    def peek(self, count):
        """The next bytes, which stay to be read."""
        return self.socket.recv(count, socket.MSG_PEEK | socket.MSG_WAITALL)

    def send(self, first, body=b""):
        assert len(body) < 128
        self.socket.sendall(bytes([first, len(body)]) + body)

    def accept(self, v5=False, code=0):
        """Reads CONNECT and answers it; the CONNECT."""
        connect = self.read()
        assert connect is not None and connect[0] == 0x10, connect
        self.send(0x20, bytes([0, code]) + (b"\0" if v5 else b""))
        return connect[1]

    def grant(self, *codes, v5=False):
        """Reads SUBSCRIBE and answers it; the SUBSCRIBE."""
        subscribe = self.read()
        assert subscribe is not None and subscribe[0] == 0x82, subscribe
        self.send(0x90, subscribe[1][:2] + (b"\0" if v5 else b"") + bytes(codes))
        return subscribe[1]


PUBLISH_QOS0, PUBLISH_QOS1 = 0x30, 0x32


def publish_body(topic, payload, packet_id=None, v5=False):
    body = struct.pack(">H", len(topic)) + topic
    if packet_id is not None:
        body += struct.pack(">H", packet_id)
    return body + (b"\0" if v5 else b"") + payload


class ScriptedBroker(ToolTest):
    """Tests whose broker is a function of a Peer per connection, in the order of connections."""

    def serve(self, *scripts):
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        self.failures = []

        def run():
            with listener:
                for script in scripts:
                    listener.settimeout(PATIENCE_S)
                    connection, _ = listener.accept()
                    with connection:
                        script(Peer(connection))

        def guarded():
            try:
                run()
            except Exception as failure:  # pylint: disable=broad-except
                self.failures.append(failure)

        self.server = threading.Thread(target=guarded)
        self.server.start()
        self.addCleanup(self.join)

    def join(self):
        self.server.join(PATIENCE_S)
        self.assertEqual(self.failures, [])


def interrupt(process, number=signal.SIGINT):
    process.send_signal(number)
    return process.wait(PATIENCE_S)
