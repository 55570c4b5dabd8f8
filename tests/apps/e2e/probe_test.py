"""mqtt-pub --probe: what a broker can do, as the broker tells and as it does."""

import json
import os
import pathlib
import subprocess
import tempfile
import threading
import unittest

from harness import (PATIENCE_S, PUB, Broker, BrokerTest, ScriptedBroker, ToolTest,
                     interrupt)


def probe(test, *args, status=0):
    done = test.pub("--probe", "json", *args)
    test.assertEqual(done.returncode, status, done.stderr)
    return json.loads(done.stdout)


class WithBroker(BrokerTest):
    BROKER_LINES = ["allow_anonymous true", "max_keepalive 600", "retain_available false",
                    "max_packet_size 100000"]

    def test_what_it_announces_and_does(self):
        report = probe(self)
        self.assertEqual({name: one["accepted"] for name, one in report["versions"].items()},
                         {"5": True, "3.1.1": True, "3.1": True})
        announced = report["announced"]
        self.assertEqual(announced["maximum-qos"], 2)
        self.assertIs(announced["retain"], False)
        self.assertEqual(announced["maximum-packet-size"], 100000)
        self.assertIsNone(announced["response-information"])
        self.assertTrue(announced["assigned-client-identifier"])
        tried = report["tried"]
        self.assertIs(tried["publish-qos-2"], True)
        self.assertIs(tried["shared-subscription"], True)
        self.assertTrue(tried["retained-message"].startswith("no: "))
        self.assertEqual(tried["granted-qos"], 2)
        times = report["times-ms"]
        self.assertEqual({name: one["count"] for name, one in times.items()},
                         {"connect": 5, "connack": 4, "ping": 20, "puback": 20})
        for one in times.values():
            self.assertLessEqual(one["min"], one["median"])
            self.assertLessEqual(one["median"], one["max"])

    def test_table(self):
        done = self.publish("--probe", "table", "-i", "me", "-t", self.topic)
        self.assertIn(b"MQTT 3.1.1                 accepted\n", done.stdout)
        self.assertIn(b"PINGREQ to PINGRESP", done.stdout)

    def test_with_the_other_tool(self):
        """Whoever looks for it in mqtt-sub finds it there."""
        done = self.sub("--probe", "json", "-t", self.topic)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        report = json.loads(done.stdout)
        self.assertEqual(report["tried"].keys(), probe(self)["tried"].keys())
        self.assertIs(report["tried"]["publish-qos-2"], True)

    def test_nothing_stays_behind(self):
        subscriber = self.start_subscribed("-t", self.topic + "/#", "-F", "%t")
        self.publish("--probe", "table", "-t", self.topic)
        self.publish("-t", self.topic + "/end", "-m", "x")
        lines = iter(subscriber.stdout.readline, (self.topic + "/end\n").encode())
        topics = {line.strip().decode() for line in lines if not line.startswith(b"Client ")}
        # What was published is of the probe's own topics.
        self.assertLessEqual(topics, {self.topic, self.topic + "/shared", self.topic + "/retained"})


class Refused(BrokerTest):
    BROKER_LINES = ["allow_anonymous false"]

    def test_the_report_says_so(self):
        done = self.pub("--probe", "json")
        self.assertIn(done.returncode, (134, 135))
        report = json.loads(done.stdout)
        self.assertEqual([one["accepted"] for one in report["versions"].values()], [False] * 3)
        self.assertIn("uthori", report["versions"]["5"]["answer"])
        self.assertEqual(report["tried"], {})
        self.assertEqual(report["times-ms"]["connect"]["count"], 5)

    def test_nobody_listens(self):
        self.port = 1
        done = self.pub("--probe", "json")
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(b"connection refused", done.stderr)


class Old(ScriptedBroker):

    def test_a_broker_of_3_1_1_alone(self):

        def look(peer):
            self.assertIsNone(peer.read())

        def refuse(peer):
            peer.accept(code=1)

        def accept(peer):
            peer.accept()
            self.assertEqual(peer.read()[0], 0xE0)

        def serve(peer):
            """Takes shared subscriptions for ordinary ones, and allows no wildcards."""
            peer.accept()
            while (packet := peer.read()) and packet[0] != 0xE0:
                first, body = packet
                topic_size = int.from_bytes(body[:2], "big")
                packet_id = body[2 + topic_size:4 + topic_size]
                if first >> 4 == 3:
                    peer.send(0x40 if first & 6 == 2 else 0x50, packet_id)
                elif first == 0x62:
                    peer.send(0x70, body)
                elif first == 0x82:
                    peer.send(0x90, body[:2] + (b"\x80" if b"/#" in body else b"\1"))
                elif first == 0xA2:
                    peer.send(0xB0, body[:2])
                elif first == 0xC0:
                    peer.send(0xD0)

        self.serve(*[look] * 5, refuse, accept, refuse, serve)
        report = probe(self)
        self.assertEqual({name: one["accepted"] for name, one in report["versions"].items()},
                         {"5": False, "3.1.1": True, "3.1": False})
        self.assertEqual(report["announced"], {})
        tried = report["tried"]
        self.assertEqual(tried["shared-subscription"], "no: the message did not come")
        self.assertEqual(tried["retained-message"], "no: it did not come")
        self.assertTrue(tried["wildcard-subscription"].startswith("no"))
        self.assertEqual(tried["granted-qos"], 1)
        self.assertEqual(report["times-ms"]["ping"]["count"], 20)


class Silent(ScriptedBroker):
    """Brokers that do not answer."""

    def look(self, peer):
        self.assertIsNone(peer.read())

    def test_interrupted_while_it_waits_for_connack(self):
        heard = threading.Event()

        def listen(peer):
            self.assertEqual(peer.read()[0], 0x10)
            heard.set()
            self.assertIsNone(peer.read())

        self.serve(*[self.look] * 5, listen)
        process = self.start(PUB, "--probe", "json")
        self.assertTrue(heard.wait(PATIENCE_S))
        self.assertEqual(interrupt(process), 130)
        report = json.loads(process.stdout.read())
        self.assertEqual(report["times-ms"]["connect"]["count"], 5)

    def test_a_trial_without_an_answer(self):

        def accept(peer):
            peer.accept(v5=b"\x05" in peer.peek(10))
            self.assertEqual(peer.read()[0], 0xE0)

        def ignore(peer):
            peer.accept(v5=True)
            while (packet := peer.read()) and packet[0] != 0xE0:
                pass

        self.serve(*[self.look] * 5, accept, accept, accept, ignore)
        done = self.pub("--probe", "json")
        self.assertEqual(done.returncode, 27)
        self.assertIn(b"the broker has not answered for 5 s", done.stderr)
        self.assertEqual(json.loads(done.stdout)["tried"], {})


class OverTls(ToolTest):

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="mqtt-e2e-")
        folder = pathlib.Path(cls.folder.name)
        subprocess.run([pathlib.Path(__file__).parents[2] / "support" / "certificates.sh", folder],
                       capture_output=True, check=True)
        os.chmod(folder, 0o755)
        cls.ca, cls.stranger = str(folder / "ca.pem"), str(folder / "stranger.pem")
        cls.broker = Broker(f"certfile {folder / 'server.pem'}", f"keyfile {folder / 'server.key'}",
                            "allow_anonymous true")
        cls.port = cls.broker.port

    @classmethod
    def tearDownClass(cls):
        cls.broker.stop()
        cls.folder.cleanup()

    def test_what_tls_says(self):
        report = probe(self, "--cafile", self.ca)
        tls = report["tls"]
        self.assertIs(tls["trusted"], True)
        self.assertTrue(tls["version"].startswith("TLSv1."))
        self.assertEqual(tls["subject"], "CN=localhost")
        self.assertEqual(tls["issuer"], "CN=Test authority ca")
        self.assertEqual(tls["names"], ["DNS:localhost", "IP:127.0.0.1"])
        self.assertIn(tls["days-left"], (1, 2))
        self.assertEqual(report["times-ms"]["tls-handshake"]["count"], 5)

    def test_a_certificate_that_does_not_count_is_shown_all_the_same(self):
        report = probe(self, "--cafile", self.stranger, "-u", "me", "-P", "secret", status=8)
        self.assertIs(report["tls"]["trusted"], False)
        self.assertIn("certificate", report["tls"]["distrust"])
        self.assertEqual(report["tls"]["subject"], "CN=localhost")
        self.assertEqual(len(report["versions"]), 1)


if __name__ == "__main__":
    unittest.main()
