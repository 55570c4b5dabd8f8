"""The tools under the names of those they stand in for, and with their options files."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from harness import BENCH, NO_CONFIGURATION, PATIENCE_S, PUB, RR, SUB, BrokerTest


class OldNames(BrokerTest):
    """A link of the old name is the same tool."""

    def setUp(self):
        super().setUp()
        self.folder = tempfile.TemporaryDirectory(prefix="mqtt-e2e-")
        self.addCleanup(self.folder.cleanup)
        self.links = {}
        for name, program in (("pub", PUB), ("sub", SUB), ("rr", RR)):
            self.links[name] = os.path.join(self.folder.name, "mosquitto_" + name)
            os.symlink(program, self.links[name])

    def test_messages(self):
        done = self.run_tool(self.links["pub"], "-t", self.topic, "-r", "-m", "x")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        done = self.run_tool(self.links["sub"], "-t", self.topic, "-C", "1", "-v")
        self.assertEqual((done.returncode, done.stdout.decode()), (0, f"{self.topic} x\n"))
        done = self.run_tool(self.links["rr"], "-t", "nobody", "-e", self.topic, "-n")
        self.assertEqual((done.returncode, done.stdout), (0, b"x\n"))

    def test_nothing_depends_on_the_name(self):
        for name, program in (("pub", PUB), ("sub", SUB), ("rr", RR)):
            for args in (["--help"], ["--version"], ["--topc"], []):
                with self.subTest(name=name, args=args):
                    old, new = (subprocess.run([which, *args], capture_output=True,
                                               timeout=PATIENCE_S, check=False)
                                for which in (self.links[name], program))
                    self.assertEqual((old.returncode, old.stdout, old.stderr),
                                     (new.returncode, new.stdout, new.stderr))


class OptionsFiles(BrokerTest):

    def configure(self, name, *lines):
        path = pathlib.Path(NO_CONFIGURATION.name, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(line + "\n" for line in lines))
        self.addCleanup(path.unlink)
        return str(path)

    def run_bare(self, program, *args):
        return subprocess.run([program, *args], capture_output=True, timeout=PATIENCE_S, check=False)

    def test_a_profile_serves_all_tools(self):
        self.configure("mqtt/profiles/here", "# the broker of this test", "-h 127.0.0.1",
                       f"-p {self.port}", "-V 5")
        done = self.run_bare(PUB, "--profile", "here", "-t", self.topic, "-r", "-m", "x")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        done = self.run_bare(SUB, "--profile", "here", "-t", self.topic, "-C", "1")
        self.assertEqual((done.returncode, done.stdout), (0, b"x\n"))
        done = self.run_bare(BENCH, "pair", "--profile", "here", "--pairs", "1", "--count", "3",
                             "--warm-up", "0", "--threads", "1")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.run_bare(RR, "--profile", "here", "-t", "nobody", "-e", self.topic, "-n")
        self.assertEqual((done.returncode, done.stdout), (0, b"x\n"))

    def test_the_files_of_the_old_tools(self):
        self.configure("mosquitto_pub", "-h 127.0.0.1", f"-p {self.port}", "-m two words", "-r",
                       "-D publish user-property key its value")
        done = self.run_bare(PUB, "-t", self.topic)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(self.receive("-V", "5", "-t", self.topic, "-C", "1", "-F", "%p|%P"),
                         b"two words|key:its value\n")
        done = self.run_bare(PUB, "-t", self.topic, "-m", "y")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"only one of", done.stderr)

    def test_another_file(self):
        self.configure("mqtt-sub", "--no-such-option")
        path = self.configure("mine", "-C 1", "-v")
        self.publish("-t", self.topic, "-r", "-m", "x")
        self.assertEqual(self.receive("-t", self.topic, "-o", path).decode(), f"{self.topic} x\n")
        done = self.sub("-t", self.topic)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"mqtt-sub:1: unknown option '--no-such-option'", done.stderr)


if __name__ == "__main__":
    unittest.main()
