"""What the broker logs of a connection that breaks. Environment: BROKER is the program."""

import os
import pathlib
import signal
import socket
import struct
import subprocess
import tempfile
import unittest

BROKER = os.environ["BROKER"]
PATIENCE_S = 30

CONNECT = b"\x10\x10\x00\x04MQTT\x04\x02\x00\x00\x00\x04lost"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class LostConnection(unittest.TestCase):
    def test_the_line_names_the_client_s_address_after_a_reset(self):
        with tempfile.TemporaryDirectory() as folder:
            port = free_port()
            conf = pathlib.Path(folder, "conf")
            conf.write_text(f"user root\nlistener {port} 127.0.0.1\nallow_anonymous true\nlog_dest stderr\n")
            with subprocess.Popen([BROKER, "-c", conf], stderr=subprocess.PIPE, text=True) as broker:
                await_line(broker, " running")
                client = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
                address, from_port = client.getsockname()
                client.sendall(CONNECT)
                client.recv(4)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.close()  # resets the connection
                line = await_line(broker, "disconnected")
                broker.send_signal(signal.SIGTERM)
                broker.stderr.read()
            self.assertIn(f"Client lost [{address}:{from_port}] disconnected", line)


def await_line(broker, text):
    """The next line with `text` in it."""
    for line in broker.stderr:
        if text in line:
            return line
    raise AssertionError(f"the broker ended without a line that says {text!r}")


if __name__ == "__main__":
    unittest.main()
