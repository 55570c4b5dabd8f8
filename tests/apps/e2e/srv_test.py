"""-S: the tools find a broker by the service records of a domain."""

import os
import pathlib
import socket
import struct
import subprocess
import tempfile
import threading
import unittest

from harness import BENCH, PATIENCE_S, PUB, RR, SUB, Broker, BrokerTest, ToolTest, free_port


class NameServer:
    """Answers questions for SRV records out of a table: name to (priority, weight, port, host)."""

    def __init__(self, zone):
        self.zone = zone
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while True:
            question, sender = self.socket.recvfrom(4096)
            if not question:
                return
            self.socket.sendto(self.answer(question), sender)

    def answer(self, question):
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1:at + 1 + question[at]].decode())
            at += 1 + question[at]
        name = ".".join(labels)
        self.asked.append(name)
        records = self.zone.get(name)
        header = question[:2] + struct.pack(">HHHHH", 0x8580 | (3 if records is None else 0), 1,
                                            len(records or ()), 0, 0)
        body = question[12:at + 5]
        for priority, weight, port, host in records or ():
            target = b"".join(bytes([len(part)]) + part.encode() for part in host.split(".") if part)
            data = struct.pack(">HHH", priority, weight, port) + target + b"\0"
            body += struct.pack(">HHHIH", 0xC00C, 33, 1, 60, len(data)) + data
        return header + body

    def stop(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()


class Services(BrokerTest):

    def name_server(self, zone):
        server = NameServer(zone)
        self.addCleanup(server.stop)
        return server

    def run_by(self, server, program, *args):
        return subprocess.run([program, *args], capture_output=True, timeout=PATIENCE_S, check=False,
                              env={**os.environ, "MQTT_NAME_SERVER": server.address})

    def test_all_tools(self):
        server = self.name_server({"_mqtt._tcp.site.test": [(0, 0, self.port, "localhost")]})
        here = ["-S", "-h", "site.test"]
        done = self.run_by(server, PUB, *here, "-t", self.topic, "-r", "-m", "x")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        done = self.run_by(server, SUB, *here, "-t", self.topic, "-C", "1")
        self.assertEqual((done.returncode, done.stdout), (0, b"x\n"))
        done = self.run_by(server, RR, *here, "-t", "nobody", "-e", self.topic, "-n")
        self.assertEqual((done.returncode, done.stdout), (0, b"x\n"))
        done = self.run_by(server, BENCH, "pair", *here, "--pairs", "1", "--count", "3",
                           "--warm-up", "0", "--threads", "1")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        done = self.run_by(server, PUB, *here, "--probe", "table")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"_mqtt._tcp.site.test", done.stdout)
        self.assertEqual(set(server.asked), {"_mqtt._tcp.site.test"})

    def test_a_url(self):
        server = self.name_server({"_mqtt._tcp.site.test": [(0, 0, self.port, "localhost")]})
        done = self.run_by(server, PUB, "-S", "-L", f"mqtt://site.test/{self.topic}", "-m", "x")
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_the_next_host_when_one_does_not_answer(self):
        server = self.name_server({"_mqtt._tcp.site.test": [
            (20, 0, self.port, "localhost"), (10, 0, free_port(), "localhost")]})
        done = self.run_by(server, PUB, "-S", "-h", "site.test", "-t", self.topic, "-m", "x")
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_tls_asks_for_another_service(self):
        server = self.name_server({"_secure-mqtt._tcp.site.test": [(0, 0, self.port, "localhost")]})
        done = self.run_by(server, PUB, "-S", "-L", "mqtts://site.test/a", "-m", "x")
        self.assertIn(done.returncode, (1, 8), done.stderr)  # the broker does not speak it
        self.assertIn("_secure-mqtt._tcp.site.test", server.asked)

    def test_no_such_service(self):
        server = self.name_server({"_mqtt._tcp.none.test": [(0, 0, 0, ".")],
                                   "_mqtt._tcp.dead.test": [(0, 0, free_port(), "localhost")]})
        for domain, words in (("site.test", b"the name servers know no such service"),
                              ("none.test", b"the domain does not offer this service"),
                              ("dead.test", b"connection refused\n"
                                            b"Nothing listens there: is the broker running, and is this its port?")):
            for program in (PUB, SUB):
                done = self.run_by(server, program, "-S", "-h", domain, "-t", "a",
                                   *(["-m", "x"] if program == PUB else []))
                self.assertEqual(done.returncode, 1)
                self.assertEqual(done.stderr, b"Error: cannot connect to _mqtt._tcp." + domain.encode() +
                                 b": " + words + b"\n")
        done = self.run_by(server, BENCH, "pair", "-S", "-h", "site.test")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"_mqtt._tcp.site.test: the name servers know no such service", done.stderr)


class OverTls(ToolTest):
    """Whoever answers for a name server does not choose whom to trust."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="mqtt-e2e-")
        folder = pathlib.Path(cls.folder.name)
        subprocess.run([pathlib.Path(__file__).parents[2] / "support" / "certificates.sh", folder],
                       capture_output=True, check=True)
        cls.ca = str(folder / "ca.pem")
        cls.broker = Broker(f"certfile {folder / 'server.pem'}", f"keyfile {folder / 'server.key'}",
                            "allow_anonymous true")
        cls.server = NameServer({f"_secure-mqtt._tcp.{domain}": [(0, 0, cls.broker.port, "localhost")]
                                 for domain in ("localhost", "site.test")})

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.broker.stop()
        cls.folder.cleanup()

    def publish_to(self, domain):
        return subprocess.run([PUB, "-S", "-h", domain, "--cafile", self.ca, "-t", "a", "-m", "x"],
                              capture_output=True, timeout=PATIENCE_S, check=False,
                              env={**os.environ, "MQTT_NAME_SERVER": self.server.address})

    def test_the_certificate_is_for_the_domain(self):
        done = self.publish_to("localhost")
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_the_certificate_is_for_the_host_that_the_record_names(self):
        done = self.publish_to("site.test")
        self.assertEqual(done.returncode, 8)
        self.assertIn(b"ostname", done.stderr)


if __name__ == "__main__":
    unittest.main()
