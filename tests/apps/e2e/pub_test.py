"""mqtt-pub against a broker: every source of a payload, every way to send it."""

import os
import subprocess
import tempfile
import unittest

from harness import PATIENCE_S, PUB, BrokerTest, end, interrupt


class Payloads(BrokerTest):

    def retained(self, *args, stdin=b""):
        """Publishes with retain; what the broker then holds."""
        self.publish("-t", self.topic, "-r", *args, stdin=stdin)
        return self.receive("-t", self.topic, "-C", "1", "-N")

    def test_message(self):
        self.assertEqual(self.retained("-m", "héllo [1,2]"), "héllo [1,2]".encode())
        self.assertEqual(self.retained("--message", "-m"), b"-m")

    def test_file(self):
        payload = bytes(range(256)) * 5000
        with tempfile.NamedTemporaryFile() as file:
            file.write(payload)
            file.flush()
            self.assertEqual(self.retained("-f", file.name), payload)

    def test_stdin(self):
        payload = b"one\ntwo\0\n" * 100_000
        self.assertEqual(self.retained("-s", stdin=payload), payload)

    def test_empty_stdin(self):
        refused = self.pub("-t", self.topic, "-s", stdin=b"")
        self.assertEqual(refused.returncode, 1)
        self.assertIn(b"empty", refused.stderr)

    def test_file_that_is_standard_input(self):
        self.assertEqual(self.retained("-f", "-", stdin=b"one\ntwo"), b"one\ntwo")
        refused = self.pub("-t", self.topic, "-f", "-", stdin=b"")
        self.assertEqual(refused.returncode, 1)
        self.assertIn(b"empty", refused.stderr)

    def test_file_that_is_a_pipe(self):
        """As `-f <(command)`: a command that failed must not remove what is retained."""

        def from_pipe(content):
            ours, theirs = os.pipe()
            os.write(theirs, content)
            os.close(theirs)
            try:
                return subprocess.run([PUB, "-h", "127.0.0.1", "-p", str(self.port), "-t", self.topic, "-r",
                                       "-f", f"/dev/fd/{ours}"], pass_fds=[ours], capture_output=True,
                                      timeout=PATIENCE_S, check=False)
            finally:
                os.close(ours)

        self.assertEqual(from_pipe(b"a\0b").returncode, 0)
        failed = from_pipe(b"")
        self.assertEqual(failed.returncode, 1)
        self.assertIn(b"nothing came from it", failed.stderr)
        self.assertEqual(self.receive("-t", self.topic, "-C", "1", "-N"), b"a\0b")
        folder = self.pub("-t", self.topic, "-f", "/tmp")
        self.assertIn(b"cannot read \"/tmp\": it is a folder.", folder.stderr)

    def test_null(self):
        self.retained("-m", "x")
        self.publish("-t", self.topic, "-r", "-n")
        self.publish("-t", self.topic + "/end", "-r", "-m", "end")
        self.assertEqual(self.receive("-t", self.topic, "-t", self.topic + "/end", "-C", "1"),
                         b"end\n")


class Lines(BrokerTest):

    def lines(self, stdin, count, *args):
        self.keep_session()
        self.publish("-t", self.topic, "-l", "-q", "1", *args, stdin=stdin)
        return self.take_session("-C", str(count), "-F", "<%p>", "-N")

    def test_lines(self):
        self.assertEqual(self.lines(b"one\n\ntwo\r\nnu\0l\nlast", 5), b"<one><><two\r><nu\0l><last>")

    def test_long_line(self):
        long = b"x" * 1_000_000
        self.assertEqual(self.lines(b"a\n" + long + b"\n", 2), b"<a><" + long + b">")

    def test_small_window(self):
        numbers = [b"%d" % n for n in range(90)]
        self.assertEqual(self.lines(b"\n".join(numbers), 90, "-M", "1"),
                         b"<" + b"><".join(numbers) + b">")

    def test_exactly_once(self):
        numbers = [b"%d" % n for n in range(90)]
        self.assertEqual(self.lines(b"\n".join(numbers), 90, "-q", "2", "-V", "5"),
                         b"<" + b"><".join(numbers) + b">")

    def test_no_lines(self):
        done = self.publish("-t", self.topic, "-l")
        self.assertEqual(done.stdout, b"")

    def test_lines_from_a_file(self):
        self.keep_session()
        with tempfile.TemporaryFile() as file:
            file.write(b"a\nb\n")
            file.seek(0)
            done = subprocess.run([PUB, "-h", "127.0.0.1", "-p", str(self.port), "-t", self.topic,
                                   "-q", "1", "-l"], stdin=file, timeout=PATIENCE_S, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(self.take_session("-C", "2"), b"a\nb\n")

    def test_lines_while_the_pipe_stays_open(self):
        subscriber = self.start_subscribed("-t", self.topic, "-F", "got %p")
        publisher = self.start(PUB, "-t", self.topic, "-l", stdin=subprocess.PIPE)
        for line in (b"one\n", b"two\n"):
            publisher.stdin.write(line)
            publisher.stdin.flush()
            self.assertEqual(next(l for l in subscriber.stdout if l.startswith(b"got")),
                             b"got " + line)
        publisher.stdin.close()
        self.assertEqual(publisher.wait(PATIENCE_S), 0)

    def test_stdin_stays_blocking(self):
        """The descriptor is shared with whoever else reads it: its flags are not ours."""
        read_end, write_end = os.pipe()
        publisher = self.start(PUB, "-t", self.topic, "-l", stdin=read_end)
        os.write(write_end, b"one\n")
        os.close(write_end)
        self.assertEqual(publisher.wait(PATIENCE_S), 0)
        self.assertTrue(os.get_blocking(read_end))
        os.close(read_end)


class Sending(BrokerTest):

    def test_qos(self):
        self.keep_session()
        for qos in "012":
            self.publish("-t", self.topic, "-q", qos, "-m", "x")
        self.assertEqual(self.take_session("-C", "2", "-F", "%q"), b"1\n2\n")

    def test_versions(self):
        self.keep_session()
        for version in ("31", "311", "5"):
            self.publish("-V", version, "-t", self.topic, "-q", "1", "-m", version)
        self.assertEqual(self.take_session("-C", "3"), b"31\n311\n5\n")

    def test_repeat(self):
        self.keep_session()
        self.publish("-t", self.topic, "-q", "1", "-m", "x", "--repeat", "50")
        self.publish("-t", self.topic, "-q", "2", "-m", "y", "--repeat", "3",
                     "--repeat-delay", "0.01")
        self.assertEqual(self.take_session("-C", "53", "-N"), b"x" * 50 + b"y" * 3)

    def test_properties(self):
        self.publish("-t", self.topic, "-r", "-m", "x",
                     "-D", "publish", "content-type", "text/plain",
                     "-D", "PUBLISH", "User-Property", "-t", "--help",
                     "-D", "publish", "user-property", "a", "",
                     "-D", "publish", "response-topic", "r/t",
                     "-D", "publish", "correlation-data", "id",
                     "-D", "publish", "payload-format-indicator", "1",
                     "-D", "publish", "topic-alias", "1")
        self.assertEqual(self.receive("-V", "5", "-t", self.topic, "-C", "1",
                                      "-F", "%C|%P|%R|%D|%F"),
                         b"text/plain|-t:--help a:|r/t|id|1\n")

    def test_url(self):
        url = f"mqtt://127.0.0.1:{self.port}/{self.topic}"
        done = subprocess.run([PUB, "-L", url, "-r", "-m", "x"], timeout=PATIENCE_S, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(self.receive("-t", self.topic, "-C", "1"), b"x\n")

    def test_local_address(self):
        self.publish("-A", "127.0.0.1", "-t", self.topic, "-m", "x")
        refused = self.pub("-A", "192.0.2.1", "-t", self.topic, "-m", "x")
        self.assertEqual(refused.returncode, 1)
        self.assertIn(b"192.0.2.1", refused.stderr)

    def test_will(self):
        subscriber = self.start_subscribed("-t", self.topic, "-F", "will %p")
        publisher = self.start(PUB, "-t", "x", "-l", "-d", "--will-topic", self.topic,
                               "--will-payload", "gone", stdin=subprocess.PIPE)
        next(line for line in publisher.stdout if b"received CONNACK" in line)
        end(publisher)
        self.assertIn(b"will gone\n", subscriber.stdout)

    def test_debug(self):
        done = self.publish("-d", "-i", "me", "-t", self.topic, "-q", "1", "-m", "xyz")
        self.assertEqual(done.stdout.decode().splitlines(), [
            "Client me sending CONNECT",
            "Client me received CONNACK (0)",
            f"Client me sending PUBLISH (d0, q1, r0, m1, '{self.topic}', ... (3 bytes))",
            "Client me received PUBACK (Mid: 1, RC:0)",
            "Client me sending DISCONNECT",
        ])

    def test_interrupt(self):
        publisher = self.start(PUB, "-t", self.topic, "-l", "-d", stdin=subprocess.PIPE)
        next(line for line in publisher.stdout if b"received CONNACK" in line)
        self.assertEqual(interrupt(publisher), 130)
        self.assertIn(b"sending DISCONNECT", publisher.stdout.read())


if __name__ == "__main__":
    unittest.main()
