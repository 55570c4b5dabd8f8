#!/usr/bin/env python3
"""Becomes a broker for a measurement: the same settings for every program that reads mosquitto.conf.

Usage: start_broker.py [--line LINE]... [--tls FOLDER] [--filters COUNT] PROGRAM PORT

The broker listens on 127.0.0.1:PORT, takes everybody, logs errors only, and has no limits on queues.
--line adds a line of configuration. --tls FOLDER listens with FOLDER/server.crt and server.key.
--filters COUNT holds so many subscriptions that fit no message of a benchmark, for as long as the
broker lives.
"""

import argparse
import os
import resource
import socket
import struct
import sys
import time

# 0 is: no limit.
LINES = ["allow_anonymous true", "max_queued_messages 0", "max_inflight_messages 0", "log_type error"]


def configuration(options):
    lines = LINES + options.line + [f"listener {options.port} 127.0.0.1"]
    if options.tls:
        lines += [f"certfile {options.tls}/server.crt", f"keyfile {options.tls}/server.key"]
        if os.geteuid() == 0:
            lines.append("user root")  # nobody else can read these files
    return "\n".join(lines) + "\n"


def string(text):
    return struct.pack("!H", len(text)) + text.encode()


def packet(kind, body):
    length, left = b"", len(body)
    while True:
        left, digit = left >> 7, left & 0x7F
        length += bytes([digit | (0x80 if left else 0)])
        if not left:
            return bytes([kind]) + length + body


def hold_filters(port, count, deadline=30.0):
    """Subscribes, and waits until the broker closes the connection."""
    end = time.monotonic() + deadline
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", port))
            break
        except OSError:
            if time.monotonic() > end:
                sys.exit("start_broker.py: the broker does not listen")
            time.sleep(0.02)
    connection.sendall(packet(0x10, string("MQTT") + bytes([4, 2]) + struct.pack("!H", 0) +
                              string("unrelated-filters")))
    at_once = 500
    for begin in range(0, count, at_once):
        filters = (f"unrelated/{i % 97}/+/device-{i}/#"
                   for i in range(begin, min(begin + at_once, count)))
        body = struct.pack("!H", begin // at_once + 1)
        connection.sendall(packet(0x82, body + b"".join(string(f) + b"\0" for f in filters)))
    while connection.recv(65536):
        pass


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--line", action="append", default=[])
    parser.add_argument("--tls")
    parser.add_argument("--filters", type=int, default=0)
    parser.add_argument("program")
    parser.add_argument("port", type=int)
    options = parser.parse_args()

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if options.filters and os.fork() == 0:
        hold_filters(options.port, options.filters)
        os._exit(0)
    # The configuration lives in memory, so that nothing has to be cleared away.
    place = os.memfd_create("broker.conf", 0)
    os.write(place, configuration(options).encode())
    os.execvp(options.program, [options.program, "-c", f"/proc/self/fd/{place}"])


if __name__ == "__main__":
    main()
