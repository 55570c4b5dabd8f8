#!/usr/bin/env python3
"""Measures the broker beside another one with `mqtt-bench versus`; ratios only.

Usage: suite.py table [option]...          beside mosquitto: the table of docs/performance.md
       suite.py regression [option]...     beside the broker of another revision (--other)

Options: --broker PROGRAM  --other PROGRAM  --bench PROGRAM  --runs COUNT (5)  --duration TIME (10s)
         --only NAME,...  --keep FOLDER  --list

The exit status is 1 if a ratio is not as it is expected, or a row could not be measured.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import shlex
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent

# What a row may be worse than its parent commit before it counts: less is not worth a stop.
TOLERANCE = 1.05


@dataclasses.dataclass
class Row:
    name: str
    scenario: str
    # B (ours) as a multiple of A, for mqtt-bench versus --expect-ratio.
    ratios: tuple = ()
    # Bounds for B alone: metric, most, in the metric's base unit (ns, bytes).
    most: tuple = ()
    # How the brokers are started, beside what both get.
    a: str = ""
    b: str = ""
    # A is our broker, too.
    with_itself: bool = False
    timed: bool = True  # takes --duration
    tls: bool = False
    # Loaded by firehose.py instead of mqtt-bench; `scenario` is its arguments.
    firehose: bool = False
    regression: bool = False  # worth measuring for each change


ROWS = [
    Row("pair-qos0", "pair --pairs 100 -q 0 --window 100", ("cpu/msg<=1/20",), regression=True),
    Row("pair-qos1", "pair --pairs 100 -q 1 --window 20", ("cpu/msg<=1/15",), regression=True),
    Row("pair-qos2", "pair --pairs 100 -q 2 --window 20", ("cpu/msg<=1/25",), regression=True),
    Row("fanout", "fanout --publishers 1 --subscribers 500 -q 0", ("cpu/msg<=1/12",),
        regression=True),
    Row("shared-fanin", "fanin --publishers 100 --subscribers 4 -q 1 --window 20",
        ("cpu/msg<=1/10",), regression=True),
    Row("large-payloads", "pair --pairs 20 -q 0 --size 16k", ("cpu/msg<=1/3",)),
    Row("beside-100k-filters", "pair --pairs 100 -q 0 --window 100 --warm-up 4s",
        ("cpu/msg<=1.15",), b="--filters 100000", with_itself=True),
    Row("open-loop", "pair --pairs 400 -q 0 --total-rate 20k", ("cpu/msg<=0.9", "p99<=1"),
        regression=True),
    Row("ping-pong", "pair --pairs 1 -q 1 --window 1", ("p50<=0.9",), regression=True),
    Row("idle-memory", "conn --clients 15000 --duration 3s", ("bytes/connection<=1",), timed=False,
        regression=True),
    # The cost per message of setting and replaying.
    Row("retained", "retained --publishers 1 --subscribers 1 --count 200k",
        most=(("cpu/msg", 1000), ("loss", 0)), timed=False),
    # As many workers as processors, so whatever the generator takes is missing.
    Row("two-workers", "--publishers 20 --receivers 5", ("rate>=1.7",), a="--line 'workers 1'",
        b="--line 'workers 2' --line 'placement spread'", with_itself=True, firehose=True),
    Row("tls", "pair --pairs 100 -q 0 --window 100 --cafile {tls}/ca.crt", ("cpu/msg<=1/2",),
        tls=True),
    Row("tls-handshakes", "conn --clients 1000 --cafile {tls}/ca.crt --duration 1s",
        ("connect-rate>=1",), timed=False, tls=True),
]


def make_certificates(folder):
    def openssl(*words):
        subprocess.run(["openssl", *words], check=True, cwd=folder, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt",
            "-days", "30", "-subj", "/CN=benchmark CA")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr",
            "-subj", "/CN=127.0.0.1")
    pathlib.Path(folder, "san").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", "30", "-extfile", "san", "-out", "server.crt")
    # A broker that is started as root gives that up before it reads them. They protect nothing.
    os.chmod(folder, 0o711)
    os.chmod(pathlib.Path(folder, "server.key"), 0o644)


def run(words):
    """Runs the program to its end, in order even if we are to end before."""
    with subprocess.Popen(words) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the terminal told it, too
            process.wait()
            raise
        except SystemExit:
            process.terminate()
            process.wait()
            raise


def announce(row):
    print(f"\n\033[1m{row.name}\033[0m: {row.scenario}" if sys.stdout.isatty()
          else f"\n{row.name}: {row.scenario}", flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_it_listens(port, deadline=10.0):
    end = time.monotonic() + deadline
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


class Suite:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder

    def broker(self, program, extra, row):
        words = [str(HERE / "start_broker.py"), *shlex.split(extra)]
        if row.tls:
            words += ["--tls", self.folder]
        return shlex.join(words + [program]) + " {port}"

    def measure(self, row):
        """The comparison that mqtt-bench wrote, or None if it could not be made."""
        a = self.options.broker if row.with_itself else self.options.other
        if row.firehose:
            return self.measure_with_firehose(row, a)
        name = ("itself" if row.with_itself else "before" if self.options.mode == "regression"
                else os.path.basename(self.options.other))
        out = f"{self.folder}/{row.name}.json"
        words = [self.options.bench, "versus", "--runs", str(self.options.runs), "--json", out,
                 "--a", self.broker(a, row.a, row), "--a-name", name,
                 "--b", self.broker(self.options.broker, row.b, row), "--b-name", "ours"]
        if self.options.keep:
            kept = pathlib.Path(self.options.keep, row.name)
            kept.mkdir(parents=True, exist_ok=True)
            words += ["--keep", str(kept)]
        if self.options.mode == "table":
            for ratio in row.ratios:
                words += ["--expect-ratio", ratio]
        words += shlex.split(row.scenario.format(tls=self.folder))
        if row.timed:
            words += ["--duration", self.options.duration]
        announce(row)
        status = run(words)
        if status > 128:
            sys.exit(status)
        if not os.path.exists(out):
            return None
        comparison = json.loads(pathlib.Path(out).read_text())
        return comparison if status in (0, 3) else None

    def measure_with_firehose(self, row, a):
        """Like `measure`: A B A B, the median of each, and the ratios of neighbours as its interval."""
        announce(row)
        found = {"A": [], "B": []}
        commands = {"A": self.broker(a, row.a, row), "B": self.broker(self.options.broker, row.b, row)}
        for _ in range(self.options.runs):
            for side, command in commands.items():
                run_of_it = self.fire(command, row)
                found[side].append(run_of_it["deliveries_per_second"])
                print(f"{side}: {run_of_it}", flush=True)
        ratios = sorted(b / a for a, b in zip(found["A"], found["B"]))
        ratio = statistics.median(found["B"]) / statistics.median(found["A"])
        checks = []
        for expectation in row.ratios:
            least = float(expectation.removeprefix("rate>="))
            checks.append({"expectation": expectation, "measured": f"{ratio:.3g}", "passed": ratio >= least})
        rate = {"metric": "rate", "ratio": ratio, "ratio_interval": [ratios[0], ratios[-1]]}
        return {"metrics": [rate], "checks": checks, "doubts": []}

    def fire(self, command, row):
        port = free_port()
        with subprocess.Popen(shlex.split(command.format(port=port))) as broker:
            try:
                wait_until_it_listens(port)
                words = [str(HERE / "firehose.py"), "--pid", str(broker.pid), *shlex.split(row.scenario),
                         str(port)]
                return json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout)
            finally:
                broker.terminate()

    def rows(self):
        only = self.options.only.split(",") if self.options.only else None
        unknown = set(only or []) - {row.name for row in ROWS}
        if unknown:
            sys.exit(f"suite.py: there is no row {', '.join(sorted(unknown))}; --list names them")
        for row in ROWS:
            if only is not None:
                if row.name in only:
                    yield row
            elif self.options.mode == "table" or row.regression:
                yield row


def metric(comparison, name):
    return next((m for m in comparison["metrics"] if m["metric"] == name), None)


def failed_runs(comparison):
    """What mqtt-bench says about runs that broke a promise, such as a lost message."""
    return [doubt for doubt in comparison["doubts"] if "failed" in doubt]


def judged_by_table(row, comparison):
    """Yields (what was expected, what was measured, whether it is as expected)."""
    for check in comparison["checks"]:
        ratio = metric(comparison, check["expectation"].split("<")[0].split(">")[0])
        interval = ratio and ratio["ratio_interval"]
        spread = f" ({interval[0]:.3g} … {interval[1]:.3g})" if interval else ""
        yield check["expectation"], check["measured"] + spread, check["passed"]
    for name, most in row.most:
        found = metric(comparison, name)
        if name == "loss":  # is part of each run's verdict
            yield "loss=0", "as below" if failed_runs(comparison) else "0", not failed_runs(comparison)
        elif found is None or not found["b"]["values"]:
            yield f"{name}<={most}", "not measured", False
        else:
            yield (f"{name}<={most} {found['unit']}", f"{found['b']['median']:.4g} {found['unit']}",
                   found["b"]["median"] <= most)


def judged_by_parent(row, comparison):
    # The memory of a few connections is that of a few pages, and chance.
    names = ("bytes/connection",) if row.name == "idle-memory" else ("cpu/msg", "end-to-end.p50")
    for name in names:
        found = metric(comparison, name)
        if found is None or found["ratio"] is None:
            continue
        is_worse = found["finding"] == "worse" and found["ratio"] > TOLERANCE
        yield (f"{name}<={TOLERANCE}", f"{found['ratio']:.3f}, {found['finding']}", not is_worse)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("mode", choices=["table", "regression"])
    parser.add_argument("--broker", default=str(ROOT / "build/release/bin/mqtt-broker"))
    parser.add_argument("--bench", default=str(ROOT / "build/release/bin/mqtt-bench"))
    parser.add_argument("--other", default="/usr/sbin/mosquitto")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--duration", default="10s")
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", default="")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if options.list:
        for row in ROWS:
            print(f"{row.name:<20} {row.scenario}")
        return 0

    judged = judged_by_table if options.mode == "table" else judged_by_parent
    lines = []
    reached = True
    with tempfile.TemporaryDirectory() as folder:
        suite = Suite(options, folder)
        if any(row.tls for row in suite.rows()):
            make_certificates(folder)
        for row in suite.rows():
            comparison = suite.measure(row)
            if comparison is None:
                reached = False
                expected = " ".join(row.ratios) if options.mode == "table" else ""
                lines.append((row.name, expected, "could not be measured", "NO"))
                continue
            for expected, measured, is_reached in judged(row, comparison):
                reached = reached and is_reached
                lines.append((row.name, expected, measured, "yes" if is_reached else "NO"))
            for doubt in failed_runs(comparison):
                reached = False
                lines.append((row.name, "every run passes", doubt, "NO"))

    head = ("scenario", "ours / other", "measured", "reached")
    widths = [max(len(line[i]) for line in [head, *lines]) for i in range(4)]
    print()
    for line in [head, tuple("-" * width for width in widths), *lines]:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |")
    return 0 if reached else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
