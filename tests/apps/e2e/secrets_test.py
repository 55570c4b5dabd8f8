"""Passwords: where they come from, and that nobody sees them."""

import os
import subprocess
import tempfile
import unittest

from harness import BENCH, PATIENCE_S, PUB, RR, SUB, ScriptedBroker

SECRET = "s3cr3t-of-ann"


class Secrets(ScriptedBroker):

    def run_with(self, *args, program=PUB, env=None, **more):
        """What the broker got for a password, and the finished process."""
        connects = []

        def refuse(peer):
            connects.append(peer.accept(code=4))

        self.serve(refuse)
        tail = ["-t", "a", "-m", "x"] if program == PUB else ["-t", "a"]
        done = subprocess.run(
            [program, "-h", "127.0.0.1", "-p", str(self.port), "-u", "ann", *args, *tail],
            capture_output=True, timeout=PATIENCE_S, check=False,
            env={**os.environ, **(env or {})}, **more)
        self.join()
        self.assertEqual(done.returncode, 4, done.stderr)
        return connects[0], done

    def check(self, *args, **more):
        connect, done = self.run_with("-d", *args, **more)
        self.assertTrue(connect.endswith(b"\0\x0d" + SECRET.encode()), connect)
        self.assertIn(b"sending CONNECT", done.stdout)
        self.assertNotIn(SECRET.encode(), done.stdout + done.stderr)

    def test_command_line(self):
        for program in (PUB, SUB):
            self.check("-P", SECRET, program=program)

    def test_file(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(SECRET + "\r\nnot this\n")
            file.flush()
            self.check("--pw-file", file.name)

    def test_descriptor(self):
        read_end, write_end = os.pipe()
        os.write(write_end, SECRET.encode() + b"\n")
        os.close(write_end)
        self.check("--pw-file", f"/dev/fd/{read_end}", pass_fds=[read_end])
        os.close(read_end)

    def test_environment(self):
        for program in (PUB, SUB):
            self.check(program=program, env={"MQTT_PASSWORD": SECRET})

    def test_what_is_given_counts_more_than_the_environment(self):
        self.check("-P", SECRET, env={"MQTT_PASSWORD": "another"})


class Shown(unittest.TestCase):

    def messages(self, *command):
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False,
                              stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 1)
        return (done.stdout + done.stderr).decode()

    def test_urls_lose_their_password_in_messages(self):
        url = f"mqtt://ann:{SECRET}@127.0.0.1:1/a"
        for words in ([url], ["-t", "a", url, "-m", "x"], ["-z", url], [f"-z{url}"], ["-L", url, "-z"],
                      ["-L", url.replace(":1/", ":x/")], ["-L", url.replace("mqtt:", "http:")],
                      ["-L", f"mqtt://ann:x/{SECRET}@127.0.0.1:1/a"], ["-L", url, "-n"],
                      ["--proxy", url], ["-h", url, "-n", "-t", "a"]):
            for program in (PUB, SUB, RR):
                with self.subTest(program=program, words=words):
                    self.assertNotIn(SECRET, self.messages(program, *words))

    def test_bench(self):
        url = f"mqtt://ann:{SECRET}@127.0.0.1:1/a"
        self.assertNotIn(SECRET, self.messages(BENCH, "pair", "-L", url))
        self.assertNotIn(SECRET, self.messages(BENCH, "pair", url))


if __name__ == "__main__":
    unittest.main()
