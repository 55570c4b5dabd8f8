#!/usr/bin/env python3
"""Loads a broker with as little work of its own as possible, to see what the broker itself can do.

Usage: firehose.py [--publishers COUNT (20)] [--receivers COUNT (5)] [--warm-up SECONDS (1)]
                   [--seconds SECONDS (5)] [--pid PID] PORT

Each publisher writes the same chunk of QoS 0 packets (64 bytes of payload) over and over, which go to so
many receivers of its own; a receiver lets the kernel throw away what arrives, unread, and counts the
bytes. Both only now and then, so that the sockets' buffers keep the broker busy in between. Prints one
JSON object: deliveries and deliveries_per_second, generator_cores, and with --pid (the broker)
broker_cores and cpu_per_delivery_ns.
"""

import argparse
import json
import os
import socket
import struct
import sys
import time

PAYLOAD = b"x" * 64
CHUNK = 65536
# How often the buffers are filled and emptied.
PERIOD = 0.01


def string(text):
    return struct.pack("!H", len(text)) + text.encode()


def packet(kind, body):
    assert len(body) < 128
    return bytes([kind, len(body)]) + body


def expect(connection, kind):
    reply = connection.recv(1)
    if not reply or reply[0] != kind:
        sys.exit(f"firehose.py: expected a packet of type {kind >> 4}, got {reply.hex() or 'the end'}")
    connection.recv(connection.recv(1)[0])


def connect(port, client_id):
    connection = socket.create_connection(("127.0.0.1", port), 10)
    connection.sendall(packet(0x10, string("MQTT") + bytes([4, 2]) + struct.pack("!H", 0) + string(client_id)))
    expect(connection, 0x20)
    return connection


class Publisher:
    def __init__(self, port, number):
        self.connection = connect(port, f"publisher-{number}")
        self.connection.setblocking(False)
        message = packet(0x30, string(f"topic/{number:05}") + PAYLOAD)
        self.chunk = memoryview(message * (CHUNK // len(message)))
        self.begin = 0

    def fill(self):
        """Writes until the socket takes no more."""
        try:
            while True:
                self.begin += self.connection.send(self.chunk[self.begin:])
                if self.begin == len(self.chunk):
                    self.begin = 0
        except BlockingIOError:
            pass


class Subscriber:
    def __init__(self, port, number, publisher):
        self.connection = connect(port, f"subscriber-{number}")
        topic = string(f"topic/{publisher:05}")
        self.connection.sendall(packet(0x82, b"\0\1" + topic + b"\0"))
        expect(self.connection, 0x90)
        self.connection.setblocking(False)
        self.message_size = len(packet(0x30, topic + PAYLOAD))
        self.bytes = 0
        self.nothing = bytearray(1 << 20)

    def drain(self):
        try:
            # On a TCP socket the flag says: throw it away, and tell how much it was.
            count = self.connection.recv_into(self.nothing, 0, socket.MSG_TRUNC)
            if count == 0:
                sys.exit("firehose.py: the broker closed a subscriber's connection")
            self.bytes += count
        except BlockingIOError:
            pass

    def take_count(self):
        count = self.bytes // self.message_size
        self.bytes -= count * self.message_size
        return count


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(publishers, subscribers, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.monotonic()
        for publisher in publishers:
            publisher.fill()
        for subscriber in subscribers:
            subscriber.drain()
        time.sleep(max(0.0, began + PERIOD - time.monotonic()))


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--publishers", type=int, default=20)
    parser.add_argument("--receivers", type=int, default=5)
    parser.add_argument("--warm-up", type=float, default=1)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--pid", type=int)
    parser.add_argument("port", type=int)
    options = parser.parse_args()

    count = options.publishers
    subscribers = [Subscriber(options.port, number, number % count)
                   for number in range(count * options.receivers)]
    publishers = [Publisher(options.port, number) for number in range(count)]
    run(publishers, subscribers, options.warm_up)
    for subscriber in subscribers:
        subscriber.take_count()
    began, own = time.monotonic(), time.process_time()
    broker = cpu_seconds(options.pid) if options.pid else 0
    run(publishers, subscribers, options.seconds)
    elapsed = time.monotonic() - began
    deliveries = sum(subscriber.take_count() for subscriber in subscribers)
    result = {"deliveries": deliveries, "deliveries_per_second": round(deliveries / elapsed),
              "generator_cores": round((time.process_time() - own) / elapsed, 3)}
    if options.pid:
        used = cpu_seconds(options.pid) - broker
        result["broker_cores"] = round(used / elapsed, 3)
        result["cpu_per_delivery_ns"] = round(used / max(1, deliveries) * 1e9)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
