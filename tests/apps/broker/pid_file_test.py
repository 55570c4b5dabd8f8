"""The pid file is gone whenever the broker is. Environment: BROKER is the program."""

import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import unittest

BROKER = os.environ["BROKER"]
PATIENCE_S = 30


class PidFile(unittest.TestCase):
    def test_a_signal_that_comes_while_it_is_written_ends_the_broker_in_order(self):
        """A pipe in its place holds the broker up at that very point."""
        with tempfile.TemporaryDirectory() as folder:
            pid_file = pathlib.Path(folder, "pid")
            os.mkfifo(pid_file)
            conf = pathlib.Path(folder, "conf")
            conf.write_text(f"user root\nlistener {free_port()} 127.0.0.1\nallow_anonymous true\npid_file {pid_file}\n")
            with subprocess.Popen([BROKER, "-c", conf], stderr=subprocess.PIPE) as broker:
                wait_until_held_up(broker)
                broker.send_signal(signal.SIGTERM)
                written = pid_file.read_text()
                status = broker.wait(PATIENCE_S)
                broker.stderr.read()
            self.assertEqual(written, str(broker.pid))
            self.assertEqual(status, 0)
            self.assertFalse(pid_file.exists())


def wait_until_held_up(process):
    """Returns when SIGTERM no longer ends the process at once: then it is before the pipe, or in it,
    as nobody reads from the pipe."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        blocked = int(next(line for line in status.splitlines() if line.startswith("SigBlk")).split()[1], 16)
        if blocked >> (signal.SIGTERM - 1) & 1:
            return
        time.sleep(0.01)
    process.kill()
    raise AssertionError("the broker writes its pid file while signals may end it")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    unittest.main()
