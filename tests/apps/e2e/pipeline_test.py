"""The tools as links of a shell's pipeline: readers that leave, writers that never end, full disks."""

import subprocess
import unittest

from harness import PATIENCE_S, PUB, RR, SUB, BrokerTest, interrupt


class Pipelines(BrokerTest):

    def shell(self, line, **more):
        """Runs a line of bash in which $PUB, $SUB, $RR and $TO stand for what they say."""
        return subprocess.run(
            ["bash", "-c", line], capture_output=True, timeout=PATIENCE_S, check=False,
            env={"PUB": PUB, "SUB": SUB, "RR": RR, "TO": f"-h 127.0.0.1 -p {self.port}",
                 "TOPIC": self.topic, "PATH": "/usr/bin:/bin",
                 "XDG_CONFIG_HOME": "/nonexistent"}, **more)

    def test_reader_that_has_seen_enough(self):
        self.publish("-t", self.topic, "-r", "-m", "x")
        done = self.shell('$SUB $TO -t "$TOPIC" | head -1; echo "${PIPESTATUS[0]}"')
        self.assertEqual((done.stdout, done.stderr), (b"x\n0\n", b""))

    def test_reader_that_leaves_in_a_flood(self):
        """Megabytes wait for a reader that takes one line."""
        self.keep_session()
        self.publish("-t", self.topic, "-q", "1", "-m", "x" * 100_000, "--repeat", "50")
        done = self.shell('$SUB $TO -i "$TOPIC" -c -q 1 -t "$TOPIC" | head -c 10; '
                          'echo "|${PIPESTATUS[0]}"')
        self.assertEqual((done.stdout, done.stderr), (b"x" * 10 + b"|0\n", b""))

    def test_closed_standard_output(self):
        self.publish("-t", self.topic, "-r", "-m", "x")
        done = self.shell('$SUB $TO -t "$TOPIC" -C 1 >&-; echo $?; $RR $TO -t a -e "$TOPIC" -n >&-; '
                          'echo $?; $PUB $TO -t a -n >&-; echo $?')
        self.assertEqual(done.stdout, b"66\n66\n0\n")

    def test_full_disk(self):
        self.publish("-t", self.topic, "-r", "-m", "x")
        for line, status in (('$SUB $TO -t "$TOPIC"', 66), ('$SUB $TO -t "$TOPIC" -C 1', 66),
                             ('$RR $TO -t a -e "$TOPIC" -n', 66), ('$PUB $TO -t a -n -d', 66),
                             ('$PUB $TO -t a -n', 0)):
            with self.subTest(line=line):
                done = self.shell(line + " >/dev/full")
                self.assertEqual(done.returncode, status)
                self.assertEqual(b"No space left" in done.stderr, status == 66)

    def test_full_disk_is_told_quietly(self):
        self.publish("-t", self.topic, "-r", "-m", "x")
        done = self.shell('$SUB $TO -t "$TOPIC" --quiet >/dev/full')
        self.assertEqual((done.returncode, done.stderr), (66, b""))

    def test_flood_of_lines(self):
        done = self.shell('yes | head -200000 | $PUB $TO -t "$TOPIC" -l; echo "${PIPESTATUS[2]}"')
        self.assertEqual((done.stdout, done.stderr), (b"0\n", b""))

    def test_interrupted_while_lines_never_end(self):
        subscriber = self.start_subscribed("-t", self.topic, "-F", "got %p")
        lines = subprocess.Popen(["yes"], stdout=subprocess.PIPE)
        publisher = self.start(PUB, "-t", self.topic, "-l", "-q", "1", "-d", stdin=lines.stdout,
                               stdout=subprocess.DEVNULL)
        lines.stdout.close()
        next(line for line in subscriber.stdout if line == b"got y\n")
        self.assertEqual(interrupt(publisher), 130)
        lines.wait(PATIENCE_S)  # its reader is gone

    def test_from_broker_to_broker(self):
        """A megabyte of bytes of all values through a pipe of both tools."""
        payload = bytes(range(256)) * 4096
        self.publish("-t", self.topic, "-r", "-s", stdin=payload)
        done = self.shell('$SUB $TO -t "$TOPIC" -C 1 -N | $PUB $TO -t "$TOPIC/copy" -r -s')
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(self.receive("-t", self.topic + "/copy", "-C", "1", "-N"), payload)


if __name__ == "__main__":
    unittest.main()
