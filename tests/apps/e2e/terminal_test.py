"""The tools on a terminal: what strangers send is no command to it, colours, rows of a window, progress."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
import unittest

from harness import PATIENCE_S, PUB, RR, SUB, BrokerTest

# It would set the title of the window, clear the screen, and colour what follows.
HOSTILE = b"\x1b]0;title\x07\x1b[2J\x1b[31mred\xc2\x9b"
HARMLESS = rb"\x1b]0;title\x07\x1b[2J\x1b[31mred\u009b"


class Terminal:
    """A program whose standard output is a terminal (and standard error too, unless that is asked for)."""

    def __init__(self, port, program, *args, rows=24, columns=80, stderr=None, environment=()):
        self.ours, self.theirs = pty.openpty()
        self.resize(rows, columns)
        environment = {**os.environ, "TERM": "xterm", **dict(environment)}
        if "NO_COLOR" not in dict(environment):
            environment.pop("NO_COLOR", None)
        self.process = subprocess.Popen([program, "-h", "127.0.0.1", "-p", str(port), *args],
                                        stdin=subprocess.DEVNULL, stdout=self.theirs,
                                        stderr=stderr or self.theirs, env=environment)
        self.seen = b""

    def resize(self, rows, columns):
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def until(self, mark):
        """What comes up to the mark, which is new."""
        end = time.monotonic() + PATIENCE_S
        while mark not in self.seen:
            ready, _, _ = select.select([self.ours], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise TimeoutError(f"{mark} does not come: {self.seen[-2000:]}")
            self.seen += os.read(self.ours, 65536)
        before, _, self.seen = self.seen.partition(mark)
        return before

    def all(self):
        """All that comes until the program has ended."""
        self.process.wait(PATIENCE_S)
        while select.select([self.ours], [], [], 0)[0]:
            self.seen += os.read(self.ours, 65536)
        return self.seen.replace(b"\r\n", b"\n")

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.ours)
        os.close(self.theirs)


class TerminalTest(BrokerTest):

    def on_terminal(self, program, *args, **more):
        terminal = Terminal(self.port, program, *args, **more)
        self.addCleanup(terminal.close)
        return terminal

    def retain(self, topic, payload):
        self.publish("-t", topic, "-r", "-q", "1", "-s", stdin=payload)


class Safe(TerminalTest):

    def setUp(self):
        super().setUp()
        self.retain(self.topic, HOSTILE)

    def show(self, *args, **more):
        return self.on_terminal(SUB, "-t", self.topic, "-C", "1", *args, **more).all()

    def test_payloads(self):
        self.assertEqual(self.show(), HARMLESS + b"\n")
        self.assertEqual(self.show("-F", r"\e[1m%p"), b"\x1b[1m" + HARMLESS + b"\n")
        self.assertEqual(self.show("--output", "csv").splitlines()[1].split(b",")[-1], HARMLESS)
        self.assertIn(rb"\u001b[2J", self.show("--output", "json", "--color", "never"))
        self.assertNotIn(b"\x1b", self.show("--output", "json", "--color", "never"))

    def test_bytes_when_they_are_asked_for(self):
        self.assertEqual(self.show("--escape", "never"), HOSTILE + b"\n")
        self.assertEqual(self.show("--output", "raw"), HOSTILE)
        self.assertEqual(self.receive("-t", self.topic, "-C", "1"), HOSTILE + b"\n")
        self.assertEqual(self.receive("-t", self.topic, "-C", "1", "--escape", "always"), HARMLESS + b"\n")

    def test_text_that_can_be_read_stays(self):
        text = '{\n\t"t": "21.5 °C \\n"\n}'.encode()
        self.retain(self.topic, text)
        self.assertEqual(self.show(), text + b"\n")

    def test_responses(self):
        responder = self.start_subscribed("-t", f"{self.topic}/ask", "-C", "1")
        terminal = self.on_terminal(RR, "-t", f"{self.topic}/ask", "-e", f"{self.topic}/answer", "-n", "-W", "20")
        responder.wait(PATIENCE_S)
        self.publish("-t", f"{self.topic}/answer", "-q", "1", "-s", stdin=HOSTILE)
        self.assertEqual(terminal.all(), HARMLESS + b"\n")


class Colour(TerminalTest):

    def show(self, *args, **more):
        return self.on_terminal(SUB, "-t", self.topic, "-C", "1", "-v", *args, **more).all()

    def test_topic(self):
        self.retain(self.topic, b"x")
        topic = self.topic.encode()
        coloured = b"\x1b[36m" + topic + b"\x1b[0m x\n"
        plain = topic + b" x\n"
        self.assertEqual(self.show(), coloured)
        self.assertEqual(self.show("--color", "never"), plain)
        self.assertEqual(self.show(environment={"NO_COLOR": "1"}), plain)
        self.assertEqual(self.show(environment={"NO_COLOR": ""}), coloured)
        self.assertEqual(self.show("--colour", "always", environment={"NO_COLOR": "1"}), coloured)
        self.assertEqual(self.show(environment={"TERM": "dumb"}), plain)
        self.assertEqual(self.receive("-t", self.topic, "-C", "1", "-v"), plain)

    def test_errors(self):
        for environment, expected in (({}, b"\x1b[31mError:\x1b[0m cannot connect"),
                                      ({"NO_COLOR": "1"}, b"Error: cannot connect")):
            terminal = Terminal(1, PUB, "-t", "x", "-n", environment=environment)
            self.addCleanup(terminal.close)
            self.assertTrue(terminal.all().startswith(expected))


class Watching(TerminalTest):

    def test_rows(self):
        """A long message stays in its row; topics without a row are counted; a larger window shows them."""
        for name in "abc":
            self.retain(f"{self.topic}/{name}", name.encode() * 500 + b"\n\x1b[2J")
        terminal = self.on_terminal(SUB, "-t", f"{self.topic}/+", "-w", rows=4, columns=30)
        terminal.until(b"\x1b[2;1H\x1b[K\x1b[?7l" + b"a" * 30 + b"\x1b[?7h")
        terminal.until(b"(1 more topics: the window is "[:29])
        terminal.resize(10, 40)
        terminal.process.send_signal(signal.SIGWINCH)
        terminal.until(b"\x1b[2J")
        terminal.until(b"\x1b[4;1H\x1b[K\x1b[?7l" + b"c" * 40 + b"\x1b[?7h")
        terminal.process.send_signal(signal.SIGINT)
        self.assertEqual(terminal.process.wait(PATIENCE_S), 0)


class Progress(TerminalTest):

    def test_share_is_that_of_the_messages(self):
        """A file that is read at once is not published at once."""
        rows = os.path.join(self.broker.folder.name, "rows.csv")
        with open(rows, "w", encoding="ascii") as file:
            file.write("n\n" + "1\n" * 1000)
        terminal = self.on_terminal(PUB, "-t", self.topic, "--each", rows, "--rate", "20")
        terminal.until(" %  ".encode())
        seen = terminal.until(b" sent").split(b"\r")[-1]
        sent = int(seen)
        self.assertLess(sent, 1000)
        terminal.until("▏  ".encode())
        share = int(terminal.until(b" %"))
        self.assertLess(share, 50)


if __name__ == "__main__":
    unittest.main()
