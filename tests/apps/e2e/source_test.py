"""More connections than one address has ports for, in a network of their own with few ports."""

import fcntl
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import unittest

INSIDE = "MQTT_TEST_NETWORK"
NO_NAMESPACES = 77
PORTS = 300

if INSIDE not in os.environ:
    words = ["unshare", "--user", "--map-root-user", "--net"]
    try:
        if subprocess.run([*words, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
            sys.exit(NO_NAMESPACES)
    except FileNotFoundError:
        sys.exit(NO_NAMESPACES)
    os.environ[INSIDE] = "1"
    os.execvp(words[0], [*words, sys.executable, "-B", *sys.argv])

from harness import BENCH, PATIENCE_S, BrokerTest


def bring_up(interface):
    """As `ip link set INTERFACE up`."""
    get, put, up = 0x8913, 0x8914, 1
    with socket.socket() as any_socket:
        request = struct.pack("16sh14x", interface.encode(), 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, get, request))[1]
        fcntl.ioctl(any_socket, put, struct.pack("16sh14x", interface.encode(), flags | up))


def setUpModule():
    bring_up("lo")
    pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").write_text(f"40000 {40000 + PORTS - 1}")


class Sources(BrokerTest):

    def connect(self, clients, *args):
        done = subprocess.run(
            [BENCH, "conn", "-h", "127.0.0.1", "-p", str(self.port), "--clients", str(clients),
             "--duration", "0.1", "--json", "-", *args],
            capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        return done

    def test_each_address_has_its_ports(self):
        done = self.connect(3 * PORTS - 60, "--source", "127.0.0.1-127.0.0.3")
        self.assertEqual(done.returncode, 0, done.stderr)
        counts = json.loads(done.stdout)["counts"]
        self.assertEqual((counts["connected"], counts["connect_failures"]), (3 * PORTS - 60, 0))


if __name__ == "__main__":
    unittest.main()
