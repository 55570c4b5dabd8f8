"""mqtt-sub against a broker: what is printed, what is dropped, how it ends."""

import json
import signal
import subprocess
import unittest

from harness import PATIENCE_S, PUB, SUB, BrokerTest, interrupt


class Printing(BrokerTest):

    def setUp(self):
        super().setUp()
        self.keep_session()

    def send(self, *payloads):
        for payload in payloads:
            self.publish("-t", self.topic, "-q", "1", *(["-m", payload] if payload else ["-n"]))

    def test_plain(self):
        self.send("one", "", "two")
        self.assertEqual(self.take_session("-C", "3"), b"one\ntwo\n")

    def test_verbose(self):
        self.send("one", "", "two")
        self.assertEqual(self.take_session("-C", "3", "-v").decode(),
                         f"{self.topic} one\n{self.topic} (null)\n{self.topic} two\n")

    def test_no_newline(self):
        self.send("one", "", "two")
        self.assertEqual(self.take_session("-C", "3", "-N"), b"onetwo")

    def test_verbose_no_newline(self):
        self.send("one", "", "two")
        self.assertEqual(self.take_session("-C", "3", "-v", "-N").decode(),
                         f"{self.topic} one{self.topic} two")

    def test_format(self):
        self.send("one", "")
        self.assertEqual(self.take_session("-C", "2", "-F", "%l:%p", "-v"), b"3:one\n0:\n")
        self.send("one", "")
        self.assertEqual(self.take_session("-C", "2", "-F", "%l:%p", "-N"), b"3:one0:")

    def test_json_that_is_none(self):
        self.send("{}", "no json")
        done = self.sub("-i", self.topic, "-c", "-q", "2", "-t", self.topic, "-C", "2",
                        "-F", "<%J>")
        lines = done.stdout.splitlines()
        self.assertTrue(lines[0].endswith(b'"payload":{}}>'), lines)
        self.assertEqual(lines[1], b"<>")
        self.assertIn(self.topic.encode(), done.stderr)
        self.assertEqual(done.returncode, 0)

    def test_what_comes_after_the_count_stays_with_the_broker(self):
        self.send("one", "two", "three")
        self.assertEqual(self.take_session("-C", "1"), b"one\n")
        self.assertEqual(self.take_session("-C", "2"), b"two\nthree\n")


    def test_watch(self):
        self.send("one", "", "two")
        self.assertEqual(self.take_session("-C", "3", "-w").decode(),
                         "\x1b[2J\x1b[1;1HBroker: 127.0.0.1\n" +
                         "".join("\x1b[2;1H\x1b[K" + text + "\x1b[2;1H\n"
                                 for text in ("one\n", "", "two\n")))

    def test_message_rate(self):
        self.send("one", "two")
        done = self.sub("-i", self.topic, "-c", "-q", "2", "-t", self.topic, "--message-rate", "-w",
                        "-C", "1", "-W", "3")
        self.assertEqual(done.returncode, 27)
        counts = [int(line.removesuffix(b" msgs/s")) for line in done.stdout.splitlines()]
        self.assertGreaterEqual(len(counts), 2)
        self.assertEqual(sum(counts), 2)

    def test_summary(self):
        self.send("one", "three")
        summary = json.loads(self.take_session("-C", "2", "--summary", "json"))
        self.assertEqual((summary["messages"], summary["bytes"]), (2, 8))
        topic, = summary["topics"]
        self.assertEqual((topic["topic"], topic["messages"], topic["bytes"]), (self.topic, 2, 8))
        self.send("one")
        table = self.take_session("-C", "1", "--summary", "table").decode().splitlines()
        self.assertEqual(table[0].split(), ["messages", "per", "second", "bytes", "last", "topic"])
        self.assertEqual([table[1].split()[n] for n in (0, 2, 4)], ["1", "3", self.topic])
        self.assertIn("(1 topics in ", table[2])

    def test_summary_when_asked_for(self):
        """On a signal, every second, and at the end even if a signal is the end."""
        subscriber = self.start_subscribed("-t", self.topic, "-R", "--summary", "json")
        self.publish("-t", self.topic, "-q", "1", "-m", "x")
        next(line for line in subscriber.stdout if b"received PUBLISH" in line)
        subscriber.send_signal(signal.SIGUSR1)
        first = next(line for line in subscriber.stdout if line.startswith(b"{"))
        self.assertEqual(json.loads(first)["messages"], 1)
        self.assertEqual(interrupt(subscriber), 0)
        last = subscriber.stdout.read().splitlines()[-1]
        self.assertEqual(json.loads(last)["messages"], 1)
        timed = self.sub("-t", self.topic, "--summary", "json", "--every", "1", "-W", "3")
        self.assertEqual(timed.returncode, 27)
        self.assertGreaterEqual(len(timed.stdout.splitlines()), 3)

    def test_summary_comes_once_at_the_end(self):
        timed = self.sub("-t", self.topic, "--summary", "json", "--every", "2", "-W", "2")
        self.assertEqual((timed.returncode, len(timed.stdout.splitlines())), (27, 1))

    def test_summary_of_some(self):
        subscriber = self.start_subscribed("-t", f"{self.topic}/#", "--summary", "json", "--top", "1", "--depth", "2",
                                           "-C", "4")
        for name in ("a/1", "a/2", "b", "c/d"):
            self.publish("-t", f"{self.topic}/{name}", "-q", "1", "-m", "x")
        summary = json.loads(next(line for line in subscriber.stdout if line.startswith(b"{")))
        self.assertEqual([(row["topic"], row["messages"]) for row in summary["topics"]], [(f"{self.topic}/a/#", 2)])
        self.assertEqual(summary["others"]["messages"], 2)

    def test_random_filter(self):
        """One in a thousand: that 100 of 100 are drawn does not happen."""
        self.send(*["x"] * 3)
        self.assertEqual(self.take_session("-C", "3", "--random-filter", "100"), b"x\n" * 3)
        for _ in range(2):
            self.publish("-t", self.topic, "-q", "1", "-m", "x", "--repeat", "50")
        self.assertLess(len(self.take_session("-C", "100", "--random-filter", "0.1")), 200)


class Choosing(BrokerTest):

    def retain(self, *levels):
        for level in levels:
            self.publish("-t", f"{self.topic}/{level}", "-r", "-q", "1", "-m", level)

    def first_live_message(self, *args):
        """What is printed of the messages up to the first one that is published now."""
        subscriber = self.start_subscribed("-t", f"{self.topic}/+", "-F", "got %p", *args)
        self.publish("-t", f"{self.topic}/live", "-m", "live")
        printed = b""
        for line in subscriber.stdout:
            if line.startswith(b"got "):
                printed += line
            if line == b"got live\n":
                return printed
        return printed + b"and ended"

    def test_several_filters(self):
        self.retain("a", "b", "c")
        out = self.receive("-t", f"{self.topic}/a", "-t", f"{self.topic}/c", "-C", "2")
        self.assertEqual(sorted(out.split()), [b"a", b"c"])

    def test_url_and_filter(self):
        self.retain("a", "b")
        done = subprocess.run([SUB, "-L", f"mqtt://127.0.0.1:{self.port}/{self.topic}/a",
                               "-t", f"{self.topic}/b", "-C", "2"],
                              capture_output=True, timeout=PATIENCE_S, check=False)
        self.assertEqual(sorted(done.stdout.split()), [b"a", b"b"])

    def test_filter_out(self):
        self.retain("a", "b", "c")
        out = self.receive("-t", f"{self.topic}/+", "-T", f"{self.topic}/a", "-T", "+/c", "-C", "1")
        self.assertEqual(out, b"b\n")

    def test_no_retained(self):
        self.retain("a")
        self.assertEqual(self.first_live_message("-R"), b"got live\n")

    def test_retained_only(self):
        self.retain("a")
        subscriber = self.start_subscribed("-t", f"{self.topic}/+", "--retained-only", "-F", "got %p")
        self.publish("-t", f"{self.topic}/b", "-m", "live")
        out = subscriber.stdout.read()
        self.assertIn(b"got a\n", out)
        self.assertNotIn(b"got live", out)
        self.assertEqual(subscriber.wait(PATIENCE_S), 0)

    def test_remove_retained(self):
        self.retain("a", "b", "c")
        out = self.receive("-t", f"{self.topic}/+", "--remove-retained", "-T", f"{self.topic}/c",
                           "-C", "2", "--quiet")
        self.assertEqual(sorted(out.split()), [b"a", b"b"])
        self.assertEqual(self.receive("-t", f"{self.topic}/+", "-C", "1"), b"c\n")

    def test_remove_retained_says_how_many(self):
        """What would be removed is there until it is removed; then nothing is there."""
        self.retain("a", "b")
        clean = ("-t", f"{self.topic}/+", "--retained-only", "--remove-retained", "--idle", "0.3")
        for words, told in (("--dry-run", b"2 retained messages would be removed.\n"),
                            ("--dry-run", b"2 retained messages would be removed.\n"),
                            ("--retain-as-published", b"2 retained messages removed.\n"),
                            ("--quiet", b"")):
            done = self.sub(*clean, words)
            self.assertEqual((done.returncode, done.stderr), (0, told))
            self.assertEqual(sorted(done.stdout.split()), [] if words == "--quiet" else [b"a", b"b"])
        self.assertIn(b"--dry-run needs --remove-retained", self.sub("-t", "x", "--dry-run").stderr)

    def test_retain_as_published(self):
        subscriber = self.start_subscribed("-V", "5", "-t", self.topic, "--retain-as-published",
                                           "-C", "1", "-F", "retain %r")
        self.publish("-t", self.topic, "-r", "-m", "x")
        self.assertIn(b"retain 1\n", subscriber.stdout.read())

    def test_retain_handling(self):
        self.retain("a")
        self.assertEqual(self.first_live_message("-V", "5", "--retain-handling", "never"),
                         b"got live\n")

    def test_unsubscribe(self):
        self.keep_session("-t", self.topic + "/end")
        subscriber = self.start(SUB, "-d", "-i", self.topic, "-c", "-U", self.topic)
        next(line for line in subscriber.stdout if line.endswith(b"received UNSUBACK\n"))
        self.assertEqual(interrupt(subscriber), 0)
        self.publish("-t", self.topic, "-q", "1", "-m", "x")
        self.publish("-t", self.topic + "/end", "-q", "1", "-m", "end")
        self.assertEqual(self.receive("-i", self.topic, "-c", "-q", "1", "-t", self.topic + "/end",
                                      "-C", "1"), b"end\n")

    def test_unsubscribe_and_end(self):
        """-E waits for what there is to wait for, with and without a subscription."""
        self.keep_session("-t", self.topic + "/end")
        for words in (["-U", self.topic], ["-U", self.topic + "/end", "-t", "x"]):
            done = self.sub("-d", "-i", self.topic, "-c", "-E", *words)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertIn(b"received UNSUBACK\n", done.stdout)

    def test_subscription_identifier(self):
        self.retain("a")
        self.assertEqual(self.receive("-t", f"{self.topic}/a", "-C", "1", "-F", "%S", "-D",
                                      "subscribe", "subscription-identifier", "300"), b"300\n")


class Ending(BrokerTest):

    def test_idle(self):
        """It ends when nothing comes any more, and counts what -T drops as nothing."""
        self.publish("-t", self.topic, "-r", "-q", "1", "-m", "x")
        self.assertEqual(self.receive("-t", self.topic, "--idle", "0.2"), b"x\n")
        noise = self.start(PUB, "-t", self.topic + "/noise", "-m", "x", "--repeat", "1000", "--repeat-delay", "0.02")
        self.assertEqual(self.receive("-t", self.topic + "/#", "-T", self.topic + "/noise", "--idle", "0.2"), b"x\n")
        noise.kill()
        self.assertEqual(self.sub("-t", self.topic, "--idle", "0").returncode, 1)

    def test_timeout(self):
        plain = self.start(SUB, "-t", self.topic, "-W", "1")
        quiet = self.start(SUB, "-t", self.topic, "-W", "1", "--quiet")
        self.assertEqual((plain.wait(PATIENCE_S), plain.stderr.read()), (27, b"Timed out\n"))
        self.assertEqual((quiet.wait(PATIENCE_S), quiet.stderr.read()), (27, b""))

    def test_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            subscriber = self.start_subscribed("-t", self.topic)
            self.assertEqual(interrupt(subscriber, number), 0)
            self.assertIn(b"sending DISCONNECT", subscriber.stdout.read())

    def test_closed_output(self):
        """As in `mqtt-sub | head -1`: the reader has seen enough, nothing went wrong, and no further
        message is needed to notice."""
        subscriber = self.start_subscribed("-t", self.topic)
        subscriber.stdout.close()
        self.assertEqual(subscriber.wait(PATIENCE_S), 0)
        self.assertEqual(subscriber.stderr.read(), b"")

    def test_full_disk(self):
        self.publish("-t", self.topic, "-r", "-m", "x")
        with open("/dev/full", "wb") as full:
            subscriber = self.start(SUB, "-t", self.topic, stdout=full)
            self.assertEqual(subscriber.wait(PATIENCE_S), 66)
        self.assertIn(b"No space left", subscriber.stderr.read())

    def test_debug(self):
        done = self.sub("-d", "-V", "5", "-i", "me", "-t", self.topic, "-t", "other", "-q", "1",
                        "--retain-handling", "new", "-E")
        self.assertEqual(done.stdout.decode().splitlines(), [
            "Client me sending CONNECT",
            "Client me received CONNACK (0)",
            f"Client me sending SUBSCRIBE (Mid: 1, Topic: {self.topic}, QoS: 1, Options: 0x10)",
            "Client me sending SUBSCRIBE (Mid: 1, Topic: other, QoS: 1, Options: 0x10)",
            "Client me received SUBACK",
            "Subscribed (mid: 1): 1, 1",
            "Client me sending DISCONNECT",
        ])


ADVICE = (b"The broker may want a user name and a password: use -u NAME, and -P PASSWORD or "
          b"--pw-file FILE.\n")


class Refusal(BrokerTest):

    BROKER_LINES = ["allow_anonymous false"]

    def test_refused(self):
        for run in (lambda *a: self.sub("-t", "x", *a), lambda *a: self.pub("-t", "x", "-m", "y", *a),
                    lambda *a: self.pub("-t", "x", "-l", *a, stdin=b"y\n")):
            old = run()
            self.assertEqual((old.returncode, old.stderr),
                             (5, b"Connection error: Connection Refused: not authorised\n" + ADVICE))
            new = run("-V", "5")
            self.assertEqual((new.returncode, new.stderr),
                             (135, b"Connection error: Not authorized\n" + ADVICE))


if __name__ == "__main__":
    unittest.main()
