"""The tools over TLS and WebSocket."""

import os
import pathlib
import select
import socket
import socketserver
import subprocess
import tempfile
import threading
import unittest

from harness import BENCH, PATIENCE_S, PUB, SUB, Broker, ToolTest, free_port

FOLDER = tempfile.TemporaryDirectory(prefix="mqtt-e2e-")
CERTIFICATES = pathlib.Path(FOLDER.name)
CA = str(CERTIFICATES / "ca.pem")
PSK = "00112233aAbBcCdDeE"


def setUpModule():
    subprocess.run([pathlib.Path(__file__).parents[2] / "support" / "certificates.sh", FOLDER.name],
                   capture_output=True, check=True)


def tearDownModule():
    FOLDER.cleanup()


class Proxy:
    """A SOCKS5 proxy for whoever says "me" and "p@"."""

    def __init__(self):
        self.asked = []
        outer = self

        class Session(socketserver.BaseRequestHandler):

            def take(self, count):
                data = b""
                while len(data) < count:
                    part = self.request.recv(count - len(data))
                    if not part:
                        raise EOFError
                    data += part
                return data

            def handle(self):
                self.take(self.take(2)[1])
                self.request.sendall(b"\5\2")
                user = self.take(self.take(2)[1])
                good = (user, self.take(self.take(1)[0])) == (b"me", b"p@")
                self.request.sendall(b"\1\0" if good else b"\1\1")
                if not good:
                    return
                host = self.take(self.take(5)[4]).decode()
                port = int.from_bytes(self.take(2), "big")
                outer.asked.append((host, port))
                with socket.create_connection((host, port)) as server:
                    self.request.sendall(b"\5\0\0\1\0\0\0\0\0\0")
                    outer.relay(self.request, server)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
        self.thread = threading.Thread(target=self.server.serve_forever)

    @staticmethod
    def relay(client, server):
        while True:
            for ready in select.select([client, server], [], [])[0]:
                data = ready.recv(65536)
                if not data:
                    return
                (server if ready is client else client).sendall(data)

    def url(self, credentials):
        return f"socks5h://{credentials}@127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def certificate(name):
    return [f"cafile {CA}", f"certfile {CERTIFICATES / name}.pem",
            f"keyfile {CERTIFICATES / name}.key"]


class Transports(ToolTest):
    """One broker with a listener of each kind."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        psk_file = pathlib.Path(cls.folder.name, "psk")
        psk_file.write_text(f"me:{PSK}\n")
        cls.ports = {}

        def listener(name, *lines):
            cls.ports[name] = free_port()
            return [f"listener {cls.ports[name]} 127.0.0.1", *lines]

        cls.broker = Broker(
            "allow_anonymous true", f"psk_file {psk_file}",
            f"listener 0 {cls.folder.name}/socket",
            *listener("plain"),
            *listener("tls", *certificate("server")),
            *listener("elsewhere", *certificate("elsewhere")),
            *listener("mutual", *certificate("server"), "require_certificate true"),
            *listener("psk", "psk_hint hint"),
            *listener("ws", "protocol websockets"),
            *listener("wss", "protocol websockets", *certificate("server")))

    @classmethod
    def tearDownClass(cls):
        cls.broker.stop()
        cls.folder.cleanup()

    def run_on(self, name, program, *args, host="localhost", **more):
        return subprocess.run([program, "-h", host, "-p", str(self.ports[name]), *args],
                              capture_output=True, timeout=PATIENCE_S, check=False, **more)

    def test_load_over_each_transport(self):
        for name, *args in (("tls", "--cafile", CA), ("ws", "--ws"), ("wss", "--ws", "--cafile", CA),
                            ("unix", "--unix", f"{self.folder.name}/socket")):
            where = [] if name == "unix" else ["-h", "localhost", "-p", str(self.ports[name])]
            with self.subTest(transport=name):
                done = subprocess.run(
                    [BENCH, "pair", *where, *args, "--pairs", "3", "--count", "50", "--warm-up", "0", "-q", "1", "--json", "-",
                     "--expect", "delivered=150", *(["tls.p50>0"] if CA in args else [])],
                    capture_output=True, text=True, timeout=PATIENCE_S, check=False)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def exchange(self, name, *args):
        """A message there and back; the exit status of the first tool that fails."""
        for program, what in ((PUB, ["-r", "-m", "hello"]), (SUB, ["-C", "1"])):
            done = self.run_on(name, program, "-t", self.id(), *what, *args)
            if done.returncode != 0:
                self.assertNotEqual(done.stderr, b"")
                return done.returncode
        self.assertEqual(done.stdout, b"hello\n")
        return 0

    def test_tls(self):
        self.assertEqual(self.exchange("tls", "--cafile", CA), 0)
        self.assertEqual(self.exchange("tls", "--cafile", CA, "--tls-version", "tlsv1.2",
                                       "--ciphers", "ECDHE-ECDSA-AES128-GCM-SHA256"), 0)
        self.assertEqual(self.exchange("tls", "--cafile", CA, "--tls-version", "tlsv1.3",
                                       "--ciphers", "TLS_AES_128_GCM_SHA256"), 0)

    def test_url(self):
        done = subprocess.run([PUB, "-L", f"mqtts://localhost:{self.ports['tls']}/x", "-m", "y",
                               "--cafile", CA], timeout=PATIENCE_S, check=False)
        self.assertEqual(done.returncode, 0)

    def test_trust(self):
        stranger = str(CERTIFICATES / "stranger.pem")
        self.assertEqual(self.exchange("tls", "--cafile", stranger), 8)
        self.assertEqual(self.exchange("tls", "--tls-use-os-certs"), 8)
        self.assertEqual(self.exchange("tls", "--cafile", stranger, "--insecure"), 8)

    def test_name(self):
        self.assertEqual(self.exchange("elsewhere", "--cafile", CA), 8)
        self.assertEqual(self.exchange("elsewhere", "--cafile", CA, "--insecure"), 0)

    def test_client_certificate(self):
        ours = ["--cert", str(CERTIFICATES / "client.pem"), "--key", str(CERTIFICATES / "client.key")]
        self.assertEqual(self.exchange("mutual", "--cafile", CA, *ours), 0)
        self.assertIn(self.exchange("mutual", "--cafile", CA, "--tls-version", "tlsv1.2"), (7, 8))

    def test_psk(self):
        self.assertEqual(self.exchange("psk", "--psk", PSK, "--psk-identity", "me"), 0)
        self.assertEqual(self.exchange("psk", "--psk", "00", "--psk-identity", "me"), 8)
        self.assertEqual(self.exchange("psk", "--psk", PSK, "--psk-identity", "you"), 8)

    def test_websocket(self):
        self.assertEqual(self.exchange("ws", "--ws"), 0)
        self.assertEqual(self.exchange("ws", "--ws", "-V", "5", "-D", "connect", "user-property",
                                       "k", "v"), 0)
        done = subprocess.run([PUB, "-L", f"ws://localhost:{self.ports['ws']}/x", "-m", "y"],
                              timeout=PATIENCE_S, check=False)
        self.assertEqual(done.returncode, 0)

    def test_websocket_over_tls(self):
        self.assertEqual(self.exchange("wss", "--ws", "--cafile", CA), 0)
        done = subprocess.run([PUB, "-L", f"wss://localhost:{self.ports['wss']}/x", "-m", "y",
                               "--cafile", CA], timeout=PATIENCE_S, check=False)
        self.assertEqual(done.returncode, 0)

    def test_proxy(self):
        with Proxy() as proxy:
            self.assertEqual(self.exchange("ws", "--ws", "-V", "5", "--proxy", proxy.url("me:p%40")), 0)
            self.assertEqual(self.exchange("tls", "--cafile", CA, "--proxy", proxy.url("me:p%40")), 0)
            self.assertEqual(proxy.asked, [("localhost", self.ports["ws"])] * 2 +
                             [("localhost", self.ports["tls"])] * 2)
            done = self.run_on("ws", PUB, "-t", "x", "-n", "--ws", "--proxy", proxy.url("me:wrong"))
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"proxy: user name or password refused", done.stderr)

    def test_mismatch(self):
        """Plain words to a listener that speaks TLS."""
        self.assertEqual(self.exchange("tls", "--cafile", CA, "--no-tls"), 7)

    def check_advice(self, done, status, *parts):
        """An error that has a reason, and behind it a line that says what may help."""
        self.assertIn(done.returncode, status if isinstance(status, tuple) else (status,), done.stderr)
        error, advice = done.stderr.decode().splitlines()
        self.assertTrue(error.startswith("Error: "), error)
        self.assertNotRegex(error, r":\s*$")
        for part in parts:
            self.assertIn(part, advice)

    def test_advice(self):
        """Whoever takes one listener for another is told which options lead to it."""

        def publish(name, *args, **more):
            return self.run_on(name, PUB, "-t", "x", "-m", "y", *args, **more)

        self.check_advice(publish("tls"), 7, "--cafile")
        self.check_advice(publish("ws"), 7, "--ws")
        self.check_advice(publish("wss", "--ws"), 1, "--cafile")
        self.check_advice(publish("plain", "--cafile", CA), (1, 8), "--no-tls")
        self.check_advice(publish("plain", "--ws"), 1, "--ws")
        self.check_advice(publish("tls", "--cafile", str(CERTIFICATES / "stranger.pem")), 8, "--cafile")
        self.check_advice(publish("elsewhere", "--cafile", CA), 8, "--insecure")
        self.check_advice(publish("tls", "--cafile", CA, host="127.0.0.2"), 1, "Nothing listens")
        self.check_advice(publish("mutual", "--cafile", CA), 8, "--cert")
        self.check_advice(publish("psk", "--psk", "00", "--psk-identity", "me"), 8, "--psk")
        done = subprocess.run([PUB, "--unix", self.folder.name + "/none", "-t", "x", "-n"], capture_output=True,
                              timeout=PATIENCE_S, check=False)
        self.check_advice(done, 1, "socket")

    def test_key_log(self):
        path = os.path.join(self.folder.name, "keys")
        self.assertEqual(self.exchange("tls", "--cafile", CA, "--tls-keylog", path), 0)
        self.assertIn("CLIENT_TRAFFIC_SECRET_0 ", pathlib.Path(path).read_text())

    def test_missing_files(self):
        for option in ("--cafile", "--capath"):
            done = self.run_on("tls", PUB, "-t", "x", "-m", "y", option, "/nonexistent")
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"/nonexistent", done.stderr)

    def test_errors_of_files(self):
        """The system's reason, and the file once."""
        for args in (["--cafile", "/nonexistent"], ["--cafile", CA, "--cert", "/nonexistent", "--key", CA],
                     ["--cafile", CA, "--cert", CA, "--key", "/nonexistent"], ["--pw-file", "/nonexistent"],
                     ["-f", "/nonexistent"], ["--each", "/nonexistent"], ["--replay", "/nonexistent"],
                     ["--tls-keylog", "/nonexistent/x", "--cafile", CA]):
            message = [] if args[0] in ("-f", "--each", "--replay") else ["-m", "x"]
            topic = [] if args[0] == "--replay" else ["-t", "x"]
            done = self.run_on("tls", PUB, *topic, *message, *args)
            with self.subTest(args=args):
                error = done.stderr.decode().splitlines()[0]
                self.assertEqual(done.returncode, 1)
                self.assertEqual(error.count("/nonexistent"), 1, error)
                self.assertIn("No such file or directory", error)
                self.assertNotIn("calling", error)
                self.assertNotIn("routines", error)


if __name__ == "__main__":
    unittest.main()
