"""mqtt-bench against a broker: each scenario for a short time, its verdict, outputs and end."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

from harness import BENCH, BROKER, PATIENCE_S, BrokerTest, ToolTest, end, free_port, interrupt

SCENARIOS = {
    "conn": ["--clients", "50"],
    "pair": ["--pairs", "5"],
    "fanout": ["--subscribers", "5"],
    "fanin": ["--publishers", "5", "--subscribers", "2"],
    "retained": ["--count", "200"],
    "offline": ["--sessions", "5", "--count", "20"],
    "storm": ["--clients", "50", "--rounds", "2"],
    "slow": ["--subscribers", "5", "--stalled", "2"],
    "pub": ["--publishers", "5"],
    "sub": ["--subscribers", "5"],
    "reqrep": ["--requesters", "5", "--responders", "2"],
}
SHORT = ["--duration", "300ms", "--warm-up", "100ms", "--drain-time", "1", "--threads", "1"]


class BenchTest(ToolTest):

    def bench(self, scenario, *args, status=0):
        """The result of a run that ends with this status, as its JSON."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "result.json")
            done = subprocess.run(
                [BENCH, scenario, "-h", "127.0.0.1", "-p", str(self.port), *SHORT, "--json", path,
                 *args], capture_output=True, text=True, timeout=PATIENCE_S, check=False)
            self.assertEqual(done.returncode, status, done.stdout + done.stderr)
            self.summary = done.stdout
            return json.loads(pathlib.Path(path).read_text())


class WithBroker(BenchTest, BrokerTest):
    BROKER_LINES = ["allow_anonymous true", "max_queued_messages 0"]

    def check_scenario(self, version, qos):
        for scenario, args in SCENARIOS.items():
            with self.subTest(scenario=scenario, version=version, qos=qos):
                counts = self.bench(scenario, "-V", version, "-q", qos, *args)["counts"]
                self.assertEqual(
                    [counts[name] for name in ("lost", "duplicated", "corrupted", "unexpected",
                                               "connect_failures", "disconnects",
                                               "subscribe_failures", "publish_failures")], [0] * 8)
                if scenario not in ("conn", "storm", "pub", "sub"):
                    self.assertEqual(counts["delivered"], counts["expected"])
                    self.assertGreater(counts["delivered"], 0)

    def test_scenarios_v311(self):
        self.check_scenario("311", "1")

    def test_scenarios_v5(self):
        self.check_scenario("5", "2")

    def test_expectations(self):
        self.bench("pair", "--pairs", "2", "--expect", "loss=0", "p99<20s")
        result = self.bench("pair", "--pairs", "2", "--expect", "loss=0", "rate>1G/s", status=3)
        self.assertEqual([check["passed"] for check in result["checks"]], [True, False])

    def test_the_broker_s_process_is_watched(self):
        result = self.bench("pair", "--pairs", "5", "--broker-pid", str(self.broker.process.pid))
        watched = result["broker"]
        self.assertEqual(watched["pid"], self.broker.process.pid)
        self.assertGreater(watched["user_s"] + watched["system_s"], 0)
        self.assertGreater(watched["resident_before_bytes"], 100_000)

    def test_small_payloads_are_raised_to_the_header(self):
        result = self.bench("pair", "--pairs", "2", "-s", "1")
        self.assertEqual(result["settings"]["payload_bytes"], 32)
        self.assertIn("32 bytes", self.summary)

    def test_payload_templates_and_files(self):
        result = self.bench("pair", "--pairs", "2", "--payload", "%i-%n-%u")
        self.assertEqual(result["counts"]["lost"] + result["counts"]["corrupted"], 0)
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"x" * 20_000)
            file.flush()
            result = self.bench("pair", "--pairs", "2", "--payload-file", file.name)
            self.assertEqual(result["settings"]["payload_bytes"], 20_032)

    def test_source_addresses(self):
        self.bench("conn", "--clients", "20", "--source", "127.0.0.1-127.0.0.3")

    def test_topics_and_filters(self):
        result = self.bench("fanout", "--subscribers", "3", "-t", "own/%i/%c", "--filter", "own/#")
        self.assertEqual(result["counts"]["lost"], 0)

    def test_interrupt(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "result.json")
            process = subprocess.Popen(
                [BENCH, "pair", "-h", "127.0.0.1", "-p", str(self.port), "--pairs", "2", "-d",
                 "--total-rate", "100", "--duration", "1h", "--drain-time", "1", "--json", path],
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            self.addCleanup(end, process)
            # The packets of the first clients show that it is under way.
            for line in process.stderr:
                if b"PUBLISH" in line:
                    break
            process.stderr.close()
            self.assertEqual(interrupt(process), 128 + signal.SIGINT)
            result = json.loads(pathlib.Path(path).read_text())
            self.assertTrue(result["interrupted"])
            self.assertEqual(result["counts"]["lost"], 0)


class WithoutBroker(BenchTest):

    def test_a_broker_is_started_and_ended(self):
        self.port = free_port()
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as conf:
            conf.write(f"listener {self.port} 127.0.0.1\nallow_anonymous true\n")
            conf.flush()
            result = self.bench("pair", "--pairs", "2", "--broker-cmd", f"{BROKER} -c {conf.name}")
        self.assertGreater(result["counts"]["delivered"], 0)
        with self.assertRaises(ProcessLookupError):
            os.kill(result["broker"]["pid"], 0)

    def refused(self, *args):
        done = subprocess.run([BENCH, *args], capture_output=True, text=True, timeout=PATIENCE_S,
                              check=False)
        self.assertEqual(done.returncode, 1)
        return done.stderr

    def test_nobody_listens(self):
        self.assertIn("refused", self.refused("pair", "-p", str(free_port())))

    def test_wrong_words(self):
        self.assertIn("fanout", self.refused("fanuot"))
        self.assertIn("--window", self.refused("pair", "--windov", "3"))
        self.assertIn("--rate and --total-rate", self.refused("pair", "--rate", "1",
                                                              "--total-rate", "1"))
        self.assertIn("%x", self.refused("pair", "-t", "a/%x"))
        self.assertIn("--expect", self.refused("pair", "--expect", "speed>3"))
        self.assertIn("rate", self.refused("pair", "--rate", "fast"))
        self.assertIn("No such file", self.refused("pair", "--credentials", "/nowhere"))


if __name__ == "__main__":
    unittest.main()
