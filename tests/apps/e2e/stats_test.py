"""mqtt-sub --stats on a terminal: what the screen shows, keys, the window, and how it ends."""

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

from harness import PATIENCE_S, SUB, BrokerTest

OWN_SCREEN, OLD_SCREEN = b"\x1b[?1049h", b"\x1b[?1049l"


class Terminal:
    """A terminal in which mqtt-sub runs. `until` reads what it writes on it."""

    def __init__(self, port, *args):
        self.ours, self.theirs = pty.openpty()
        self.resize(24, 80)
        self.mode = termios.tcgetattr(self.theirs)
        self.process = subprocess.Popen([SUB, "-h", "127.0.0.1", "-p", str(port), "--stats", *args],
                                        stdin=self.theirs, stdout=self.theirs, stderr=subprocess.PIPE,
                                        start_new_session=True)
        self.seen = b""

    def resize(self, rows, columns):
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys):
        os.write(self.ours, keys)

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

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        os.close(self.ours)
        os.close(self.theirs)


class Stats(BrokerTest):

    def start_table(self, *args):
        terminal = Terminal(self.port, "-t", f"{self.topic}/#", *args)
        self.addCleanup(terminal.close)
        terminal.until(OWN_SCREEN)
        return terminal

    def retain(self, name, payload):
        self.publish("-t", f"{self.topic}/{name}", "-r", "-q", "1", "-m", payload)

    def check_end(self, terminal, status=0):
        """It ends with the screen and the mode that it found."""
        self.assertEqual(terminal.process.wait(PATIENCE_S), status)
        terminal.until(OLD_SCREEN)
        self.assertEqual(termios.tcgetattr(terminal.theirs), terminal.mode)

    def test_table(self):
        self.retain("a", "value of a")
        self.retain("b", "\x1b[31mred")
        terminal = self.start_table()
        terminal.until(b" topics")
        terminal.until(f"{self.topic}/a".encode())
        terminal.until(b"value of a")
        terminal.until(b"\\x1b[31mred")
        terminal.press(b"q")
        self.check_end(terminal)

    def test_order(self):
        self.retain("a", "x")
        terminal = self.start_table()
        terminal.until(f"{self.topic}/a".encode())
        for _ in range(3):
            self.publish("-t", f"{self.topic}/b", "-q", "1", "-m", "y")
        name_a, name_b = (f"{self.topic}/{name}".encode() for name in "ab")
        for key, first, second in ((b"m", name_b, name_a), (b"t", name_a, name_b), (b"b", name_b, name_a)):
            terminal.press(key)
            while True:  # a table of the old order may be on its way
                terminal.until(b"\x1b[H")
                table = terminal.until(b" all")
                if 0 <= table.find(first) < table.find(second):
                    break
        terminal.press(b"q")
        self.check_end(terminal)

    def test_window(self):
        for number in range(9):
            self.retain(str(number), "x")
        terminal = self.start_table()
        terminal.until(f"{self.topic}/8".encode())
        terminal.resize(6, 40)
        terminal.process.send_signal(signal.SIGWINCH)
        while True:
            terminal.until(b"\x1b[H")
            table = terminal.until(b"\x1b[J")
            if table.count(b"\r\n") == 5:
                break
        terminal.process.send_signal(signal.SIGTERM)
        self.check_end(terminal)

    def test_interrupted(self):
        self.retain("a", "x")
        terminal = self.start_table()
        terminal.until(f"{self.topic}/a".encode())
        terminal.process.send_signal(signal.SIGINT)
        self.check_end(terminal)

    def test_last_words_are_left_on_the_screen(self):
        terminal = self.start_table("-W", "1")
        self.check_end(terminal, 27)
        self.assertEqual(terminal.process.stderr.read(), b"Timed out\n")

    def test_stopped(self):
        """Ctrl-Z gives the terminal back until the program goes on."""
        terminal = self.start_table()
        terminal.until(b" topics")
        terminal.process.send_signal(signal.SIGTSTP)
        terminal.until(OLD_SCREEN)
        os.waitid(os.P_PID, terminal.process.pid, os.WSTOPPED | os.WNOWAIT)
        self.assertEqual(termios.tcgetattr(terminal.theirs), terminal.mode)
        terminal.process.send_signal(signal.SIGCONT)
        terminal.until(OWN_SCREEN)
        terminal.until(b" topics")
        terminal.press(b"q")
        self.check_end(terminal)

    def test_not_on_a_terminal(self):
        done = self.sub("-t", self.topic, "--stats")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"terminal", done.stderr)


if __name__ == "__main__":
    unittest.main()
