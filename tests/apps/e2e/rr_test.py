"""mqtt-rr against a broker: request, response, and how it ends."""

import re
import unittest

from harness import PATIENCE_S, RR, BrokerTest, interrupt


class Asking(BrokerTest):

    def setUp(self):
        super().setUp()
        self.response = self.topic + "/response"

    def ask(self, answer, *args, request_format="%p", version="5"):
        """Runs mqtt-rr and answers its request: the request as printed, and the finished process."""
        responder = self.start_subscribed("-V", version, "-t", self.topic, "-C", "1",
                                          "-F", request_format, "-N")
        requester = self.start(RR, "-t", self.topic, "-e", self.response, *args)
        seen = [line for line in responder.stdout if not line.startswith(b"Client ")]
        self.publish("-t", self.response, "-q", "1", *answer)
        requester.wait(PATIENCE_S)
        return seen, requester

    def test_request_and_response(self):
        seen, requester = self.ask(["-m", "fine"], "-m", "how are you?",
                                   request_format="%p|%q|%r|%R|%D\n")
        self.assertEqual(seen, [b"how are you?|0|0|" + self.response.encode() + b"|\n"])
        self.assertEqual(requester.stdout.read(), b"fine\n")
        self.assertEqual((requester.returncode, requester.stderr.read()), (0, b""))

    def test_properties_come_before_the_topic_of_the_response(self):
        seen, requester = self.ask(["-n"], "-n", "-D", "publish", "correlation-data", "17", "-D",
                                   "publish", "user-property", "k", "v",
                                   request_format="%R|%D|%P\n")
        self.assertEqual(seen, [self.response.encode() + b"|17|k:v\n"])
        self.assertEqual(requester.returncode, 0)

    def test_old_versions_have_no_properties(self):
        seen, requester = self.ask(["-m", "yes"], "-V", "311", "-q", "1", "-m", "x",
                                   request_format="%p|%R\n")
        self.assertEqual(seen, [b"x|\n"])
        self.assertEqual((requester.returncode, requester.stdout.read()), (0, b"yes\n"))

    def test_formats(self):
        for args, printed in ((["-v"], f"{self.id().rsplit('.', 1)[-1]}/response fine\n"),
                              (["-N"], "fine"), (["-F", "%l:%p"], "4:fine\n")):
            with self.subTest(args=args):
                _, requester = self.ask(["-m", "fine"], "-n", *args, request_format="asked\n")
                self.assertEqual(requester.stdout.read().decode(), printed)

    def test_latency(self):
        _, requester = self.ask(["-m", "fine"], "-n", "--latency", request_format="asked\n")
        self.assertRegex(requester.stdout.read().decode(),
                         re.compile(r"\Afine\nLatency: [0-9.]+(ns|µs|ms|)\n\Z"))

    def test_retained_responses(self):
        self.publish("-t", self.response, "-r", "-q", "1", "-m", "old")
        done = self.rr("-t", self.topic, "-e", self.response, "-n")
        self.assertEqual((done.returncode, done.stdout), (0, b"old\n"))
        _, requester = self.ask(["-m", "new"], "-n", "-R", request_format="asked\n")
        self.assertEqual(requester.stdout.read(), b"new\n")

    def test_no_response(self):
        done = self.rr("-t", self.topic, "-e", self.response, "-n", "-W", "1")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (27, b"", b"Timed out\n"))

    def test_a_will_is_withdrawn(self):
        """Whoever got an answer has not failed."""
        watcher = self.start_subscribed("-t", self.topic + "/#", "-F", "saw %t")
        self.ask(["-m", "fine"], "-n", "--will-topic", self.topic + "/will", request_format="asked\n")
        self.publish("-t", self.topic + "/end", "-q", "1", "-m", "x")
        seen = []
        for line in watcher.stdout:
            if line.startswith(b"saw "):
                seen.append(line.rsplit(b"/", 1)[-1])
            if line.endswith(b"/end\n"):
                break
        self.assertNotIn(b"will\n", seen)

    def test_signal(self):
        requester = self.start(RR, "-t", self.topic, "-e", self.response, "-n", "-d")
        next(line for line in requester.stdout if b"sending PUBLISH" in line)
        self.assertEqual(interrupt(requester), 130)
        self.assertIn(b"sending DISCONNECT", requester.stdout.read())


if __name__ == "__main__":
    unittest.main()
