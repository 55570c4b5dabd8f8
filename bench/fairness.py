#!/usr/bin/env python3
"""What one client's ping takes while others send as much as they can to the same broker.

Usage: fairness.py CASE [--broker PROGRAM (build/release/bin/mqtt-broker)] [--seconds SECONDS (3)]

mail     3 publishers of 100 bytes on one worker, 300 reading subscribers and the ping on another
flood    1 publisher of 40 bytes, 20 reading subscribers and the ping on one worker
nodes    1 publisher to topics that pass every node of 65 536 filters (+ or a word in 16 levels) and match none
matches  the same to topics that match half of the filters, which one client has

All at QoS 0, two workers, `placement spread`. Prints a line: messages sent, megabytes delivered, processor time and
the largest resident memory of the broker, and the round trips of the ping in milliseconds.
"""

import argparse
import os
import selectors
import socket
import struct
import subprocess
import tempfile
import threading
import time

from start_broker import packet, string

LEVELS = 16


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def publish(topic, payload):
    return packet(0x30, string(topic) + payload)


class Broker:
    def __init__(self, program):
        self.port = free_port()
        self.connections = []
        with tempfile.NamedTemporaryFile("w", suffix=".conf", delete=False) as conf:
            conf.write(f"listener {self.port} 127.0.0.1\nallow_anonymous true\nworkers 2\nplacement spread\nlog_dest none\n")
        self.process = subprocess.Popen([program, "-c", conf.name], stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.05)
        os.unlink(conf.name)
        self.accepted = 1

    def client(self, worker):
        """Connections go to the workers in turns: those that would go elsewhere stay idle."""
        while True:
            name = f"client {self.accepted}"
            client = socket.create_connection(("127.0.0.1", self.port))
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.sendall(packet(0x10, string("MQTT") + bytes([4, 2, 0, 0]) + string(name)))
            assert client.recv(4)[0] == 0x20
            self.connections.append(client)
            self.accepted += 1
            if (self.accepted - 1) % 2 == worker:
                return client

    def resident_mib(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) // 1024

    def cpu_s(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def subscribe(client, filters):
    for at in range(0, len(filters), 1000):
        part = filters[at:at + 1000]
        client.sendall(packet(0x82, b"\0\1" + b"".join(string(one) + b"\0" for one in part)))
        left = len(packet(0x90, b"\0\1" + bytes(len(part))))
        while left > 0:
            left -= len(client.recv(left))


def read_all(clients, total, over):
    selector = selectors.DefaultSelector()
    for client in clients:
        client.setblocking(False)
        selector.register(client, selectors.EVENT_READ)
    while not over.is_set():
        for key, _ in selector.select(0.2):
            try:
                total[0] += len(key.fileobj.recv(1 << 18))
            except BlockingIOError:
                pass


def ping(client, times_ms, over):
    while not over.is_set():
        began = time.monotonic()
        client.sendall(b"\xc0\0")
        if not client.recv(2):
            return
        times_ms.append((time.monotonic() - began) * 1000)
        time.sleep(0.003)


def send(client, messages, sent, end):
    data, at = memoryview(b"".join(messages)), 0
    client.settimeout(0.5)
    while time.monotonic() < end:
        try:
            at += client.send(data[at:])
        except TimeoutError:
            continue
        if at == len(data):
            at = 0
            sent[0] += len(messages)


def set_up(case, broker):
    """Subscribers, publishers, the messages of each, and who pings."""
    if case in ("mail", "flood"):
        there = 1 if case == "mail" else 0
        subscribers = [broker.client(there) for _ in range(300 if case == "mail" else 20)]
        for one in subscribers:
            subscribe(one, ["f/#"])
        publishers = [broker.client(0) for _ in range(3 if case == "mail" else 1)]
        payload = b"x" * (100 if case == "mail" else 40)
        return subscribers, publishers, [[publish(f"f/{i}", payload)] * 2000 for i in range(3)], broker.client(there)
    subscriber = broker.client(0)
    subscribe(subscriber, ["/".join("+" if bits >> level & 1 else "w" for level in range(LEVELS))
                           for bits in range(1 << LEVELS)])
    words = LEVELS if case == "nodes" else LEVELS - 1
    messages = [publish("w/" * words + f"x{i}", b"") for i in range(1500)]
    return [subscriber], [broker.client(0)], [messages], broker.client(0)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("case", choices=("mail", "flood", "nodes", "matches"))
    parser.add_argument("--broker", default="build/release/bin/mqtt-broker")
    parser.add_argument("--seconds", type=float, default=3)
    options = parser.parse_args()
    broker = Broker(options.broker)
    try:
        subscribers, publishers, messages, pinger = set_up(options.case, broker)
        over, received, sent, times_ms = threading.Event(), [0], [0], []
        threads = [threading.Thread(target=read_all, args=(subscribers, received, over)),
                   threading.Thread(target=ping, args=(pinger, times_ms, over))]
        cpu_before, end = broker.cpu_s(), time.monotonic() + options.seconds
        threads += [threading.Thread(target=send, args=(one, list_of, sent, end))
                    for one, list_of in zip(publishers, messages)]
        for thread in threads:
            thread.start()
        resident = 0
        while time.monotonic() < end:
            resident = max(resident, broker.resident_mib())
            time.sleep(0.05)
        cpu = broker.cpu_s() - cpu_before
        over.set()
        times_ms.sort()
        print(f"{options.case}: sent {sum(sent)}, delivered {received[0] / 1e6:.0f} MB, cpu {cpu:.1f} s, "
              f"resident {resident} MiB, {len(times_ms)} pings: p50 {times_ms[len(times_ms) // 2]:.2f} "
              f"p99 {times_ms[int(len(times_ms) * 0.99)]:.2f} max {times_ms[-1]:.2f} ms", flush=True)
    finally:
        broker.process.kill()
        os._exit(0)


if __name__ == "__main__":
    main()
