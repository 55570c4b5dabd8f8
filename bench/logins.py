#!/usr/bin/env python3
"""Measures logins with passwords: storms of them, beside wrong passwords, and what strangers can make a broker hold.

Usage: logins.py storm  [--clients COUNT (2000)] [--cost ITERATIONS | --generated] [--addresses COUNT (1)]
       logins.py attack [--addresses COUNT (60)] [--at-once COUNT (10)] [--seconds SECONDS (10)] [--cost ITERATIONS]
       logins.py hold   [--clients COUNT (6000)] [--bytes COUNT (60000)] [--silent | --half] [--tls FOLDER]
       each with [--line LINE]... [--programs FOLDER (build/release/bin)]

storm starts a broker whose users have passwords, lets all clients log in at once, ends their connections and lets
them log in once more. attack sends wrong passwords from many addresses of 127.0.0.0/8, so many at once from each,
and meanwhile logs in a client that was there before, a user who was not but whose address was, and a user from an
address that never was. hold opens connections that are never let in: with a CONNECT that carries a long wrong
password, with half of one (--half), or with nothing (--silent; with --tls, which has server.crt and server.key, the
beginning of a handshake), and reads how much more memory the broker takes. Prints one JSON object.
"""

import argparse
import json
import os
import pathlib
import resource
import selectors
import socket
import struct
import subprocess
import sys
import tempfile
import time

from start_broker import packet, string


def connect_packet(client_id, user, password):
    flags = 0xC2
    return packet(0x10, string("MQTT") + bytes([4, flags]) + struct.pack("!H", 0) + string(client_id) +
                  string(user) + string(password))


def address_of(number):
    """One of 127.1.0.0/16 for each number."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


class Broker:
    def __init__(self, options, passwords):
        self.folder = tempfile.TemporaryDirectory(prefix="logins-")
        folder = pathlib.Path(self.folder.name)
        (folder / "passwords").write_text(passwords)
        (folder / "passwords").chmod(0o600)
        probe = socket.create_server(("0.0.0.0", 0))
        self.port = probe.getsockname()[1]
        probe.close()
        lines = [f"password_file {folder}/passwords", "log_type error", "log_type warning", "user root", *options.line,
                 f"listener {self.port} 0.0.0.0"]
        if getattr(options, "tls", None):
            lines += [f"certfile {options.tls}/server.crt", f"keyfile {options.tls}/server.key"]
        (folder / "conf").write_text("\n".join(lines) + "\n")
        self.process = subprocess.Popen([f"{options.programs}/mqtt-broker", "-c", str(folder / "conf")])
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                break
            except OSError:
                time.sleep(0.02)

    def kibibytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.folder.cleanup()


class Login:
    """One login, from the connection to the CONNACK."""

    def __init__(self, selector, port, client_id, user, password, source=None):
        self.begun = time.monotonic()
        self.ended = None
        self.code = None
        self.out = connect_packet(client_id, user, password)
        self.socket = socket.socket()
        self.socket.setblocking(False)
        if source:
            self.socket.bind((source, 0))
        self.socket.connect_ex(("127.0.0.1", port))
        self.selector = selector
        selector.register(self.socket, selectors.EVENT_WRITE, self)

    def on_event(self):
        try:
            if self.out:
                self.out = self.out[self.socket.send(self.out):]
                if not self.out:
                    self.selector.modify(self.socket, selectors.EVENT_READ, self)
                return
            reply = self.socket.recv(4)
            self.code = reply[3] if len(reply) == 4 else "closed"
        except OSError as error:
            self.code = error.strerror
        self.ended = time.monotonic()
        self.selector.unregister(self.socket)

    @property
    def seconds(self):
        return self.ended - self.begun


def run(selector, until, deadline=600):
    end = time.monotonic() + deadline
    while not until():
        if time.monotonic() > end:
            sys.exit("logins.py: the broker does not answer")
        for key, _ in selector.select(0.1):
            key.data.on_event()


def log_in_all(port, users, addresses):
    """Everyone at once. The sockets, and what it took."""
    selector = selectors.DefaultSelector()
    begin = time.monotonic()
    logins = [Login(selector, port, f"client-{i}", user, password, address_of(i % addresses))
              for i, (user, password) in enumerate(users)]
    run(selector, lambda: not selector.get_map())
    times = sorted(login.seconds for login in logins)
    refused = [login.code for login in logins if login.code != 0]
    return logins, {"all_s": round(time.monotonic() - begin, 3), "p50_s": round(times[len(times) // 2], 3),
                    "refused": len(refused)}


def make_users(options, count):
    """(user, password) pairs, and the password file. Some share a password and its hash, which takes the broker as
    long as if each had its own."""
    distinct = min(count, 20)
    names = "".join(f"user-{i}\n" for i in range(distinct))
    with tempfile.TemporaryDirectory(prefix="logins-") as folder:
        cost = [] if options.generated else ["-I", str(options.cost)]
        made = subprocess.run([f"{options.programs}/mqtt-passwd", "-c", "--generate", *cost, f"{folder}/passwords", "-"],
                              input=names.encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        passwords = [line.split(":", 1)[1] for line in made.stdout.decode().splitlines()]
        hashes = [line.split(":", 1)[1] for line in pathlib.Path(f"{folder}/passwords").read_text().splitlines()]
    users = [(f"user-{i}", passwords[i % distinct]) for i in range(count)]
    return users, "".join(f"user-{i}:{hashes[i % distinct]}\n" for i in range(count))


def storm(options):
    users, file = make_users(options, options.clients)
    broker = Broker(options, file)
    result = {"clients": options.clients, "cost": "generated" if options.generated else options.cost}
    try:
        for name in ("after_start", "reconnect"):
            before = broker.cpu_seconds()
            logins, result[name] = log_in_all(broker.port, users, options.addresses)
            result[name]["broker_cpu_s"] = round(broker.cpu_seconds() - before, 2)
            for login in logins:
                login.socket.close()
            time.sleep(0.5)
    finally:
        broker.stop()
    return result


def attack(options):
    users, file = make_users(options, 20_000)
    broker = Broker(options, file)
    selector = selectors.DefaultSelector()
    home = address_of(10_000)
    refused = 0
    try:
        present = Login(selector, broker.port, "present", *users[0], home)
        run(selector, lambda: present.ended)
        attackers = [None] * (options.addresses * options.at_once)
        times = {"known_proof": [], "known_address": [], "unknown": []}
        begin = time.monotonic()
        probes = {}
        number = 1
        while time.monotonic() < begin + options.seconds:
            for i, login in enumerate(attackers):
                if login is None or login.ended:
                    if login:
                        refused += 1
                        login.socket.close()
                    attackers[i] = Login(selector, broker.port, f"x-{i}", users[i % 20_000][0], f"wrong {refused}",
                                         address_of(i % options.addresses))
            for kind in times:
                login = probes.get(kind)
                if login and not login.ended:
                    continue
                if login:
                    times[kind].append(login.seconds)
                    login.socket.close()
                    if login.code != 0:
                        sys.exit(f"logins.py: {kind} was refused: {login.code}")
                if time.monotonic() < begin + 1:
                    continue
                user = users[0] if kind == "known_proof" else users[number % 20_000]
                number += kind != "known_proof"
                source = address_of(20_000 + number) if kind == "unknown" else home
                probes[kind] = Login(selector, broker.port, kind, *user, source)
            for key, _ in selector.select(0.01):
                key.data.on_event()
    finally:
        broker.stop()
    result = {"attackers": len(attackers), "addresses": options.addresses,
              "wrong_per_s": round(refused / options.seconds, 1)}
    for kind, seconds in times.items():
        seconds.sort()
        result[kind] = {"logins": len(seconds)}
        if seconds:
            result[kind].update(p50_ms=round(1000 * seconds[len(seconds) // 2], 2),
                                most_ms=round(1000 * seconds[-1], 2))
    return result


def hold(options):
    _, file = make_users(options, 1)
    broker = Broker(options, file)
    try:
        before = broker.kibibytes()
        connect = connect_packet("x", "user-0", "x" * options.bytes)
        if options.half:
            connect = connect[:-1]
        if options.silent:
            # The beginning of a ClientHello, where there is TLS.
            connect = bytes.fromhex("1603012000010020000303") if options.tls else b""
        connections, most = [], before
        for i in range(options.clients):
            connection = socket.socket()
            connection.bind((address_of(i % 60), 0))
            connection.setblocking(False)
            connection.connect_ex(("127.0.0.1", broker.port))
            connections.append([connection, connect])
        end = time.monotonic() + options.seconds
        while time.monotonic() < end:
            for pair in connections:
                try:
                    if pair[1]:
                        pair[1] = pair[1][pair[0].send(pair[1]):]
                except OSError:
                    pass
            most = max(most, broker.kibibytes())
            time.sleep(0.01)
    finally:
        broker.stop()
    return {"connections": options.clients, "before_mib": round(before / 1024, 1), "most_mib": round(most / 1024, 1)}


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("what", choices=["storm", "attack", "hold"])
    parser.add_argument("--clients", type=int)
    parser.add_argument("--cost", type=int, default=30_000)
    parser.add_argument("--generated", action="store_true")
    parser.add_argument("--addresses", type=int)
    parser.add_argument("--at-once", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--bytes", type=int, default=60_000)
    parser.add_argument("--silent", action="store_true")
    parser.add_argument("--half", action="store_true")
    parser.add_argument("--tls")
    parser.add_argument("--line", action="append", default=[])
    parser.add_argument("--programs", default="build/release/bin")
    options = parser.parse_args()
    options.clients = options.clients or (6000 if options.what == "hold" else 2000)
    options.addresses = options.addresses or (60 if options.what == "attack" else 1)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(json.dumps({"storm": storm, "attack": attack, "hold": hold}[options.what](options)))


if __name__ == "__main__":
    main()
