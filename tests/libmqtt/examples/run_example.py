#!/usr/bin/env python3
"""Runs an example against a broker of its own, and compares what it prints.

Usage: run_example.py <broker> <example> <line that must be printed>...  The lines are expected in any
order, and nothing else. Exits with 1 if that does not come about.
"""

import socket
import subprocess
import sys
import time

PATIENCE_S = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, broker):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and broker.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    sys.exit("the broker does not listen")


def main():
    broker_program, example, *expected = sys.argv[1:]
    port = free_port()
    broker = subprocess.Popen([broker_program, "-p", str(port)], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        wait_for(port, broker)
        run = subprocess.run([example, "127.0.0.1", str(port)], capture_output=True, text=True,
                             timeout=PATIENCE_S, check=False)
    finally:
        broker.terminate()
        broker.wait()
    print(run.stdout, end="")
    if run.returncode != 0:
        sys.exit(f"{example} exits with {run.returncode}: {run.stderr}")
    if sorted(run.stdout.splitlines()) != sorted(expected):
        sys.exit(f"expected, in any order: {expected}")


if __name__ == "__main__":
    main()
