"""mqtt-passwd as a script meets it, side by side with mosquitto_passwd, and what brokers make of the
files.

Environment: MQTT_PASSWD, MQTT_PUB and MQTT_SUB are the programs under test; BROKER is a broker that
reads a mosquitto.conf; MOSQUITTO_PASSWD may name the other program.
"""

import os
import pathlib
import pty
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from harness import PATIENCE_S, PUB, Broker

PASSWD = os.environ["MQTT_PASSWD"]
MOSQUITTO_PASSWD = os.environ.get("MOSQUITTO_PASSWD", "")
# The broker under test may be one that does not know argon2id.
SCHEMES = os.environ.get("SCHEMES", "sha512 sha512-pbkdf2 argon2id").split()


class PasswdTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="mqtt-passwd-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.file = self.folder / "passwords"

    def run_passwd(self, *args, stdin=b"", program=PASSWD, **more):
        return subprocess.run([program, *map(str, args)], input=stdin, capture_output=True,
                              timeout=PATIENCE_S, check=False, **more)

    def succeed(self, *args, **more):
        done = self.run_passwd(*args, **more)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return done.stdout

    def fail_with(self, status, *args, **more):
        done = self.run_passwd(*args, **more)
        self.assertEqual(done.returncode, status, done)
        return done.stderr

    def set(self, user, password, *options):
        if not self.file.exists():
            options += ("-c",)
        return self.succeed(*options, "-b", self.file, user, password)

    def verify(self, user, password):
        return self.run_passwd("--verify", "-b", self.file, user, password).returncode

    def lines(self):
        return self.file.read_text().splitlines()


class Files(PasswdTest):

    def generated(self, *args, **more):
        done = self.run_passwd("--generate", *args, **more)
        self.assertEqual(done.returncode, 0, done)
        pairs = [line.split(":", 1) for line in done.stdout.decode().splitlines()]
        return dict(pairs), done.stderr.decode()

    def test_generate(self):
        first, said = self.generated("-c", self.file, "bob", "alice")
        self.assertEqual(said, "2 users added, 0 passwords replaced.\n")
        self.assertEqual(list(first), ["bob", "alice"])
        self.assertEqual({len(password) for password in first.values()}, {24})
        self.assertTrue(all(":$7$1000$" in line for line in self.lines()), self.lines())
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)
        for user, password in first.items():
            self.assertEqual(self.verify(user, password), 0)
            self.assertNotIn(password, self.file.read_text())

        kept, said = self.generated("--only-new", self.file, "bob", "carol")
        self.assertEqual(said, "1 users added, 0 passwords replaced.\n")
        self.assertEqual(list(kept), ["carol"])
        self.assertEqual(self.verify("bob", first["bob"]), 0)

        again, said = self.generated("--length", "40", self.file, "-", stdin=b"bob\n\ndave\r\n")
        self.assertEqual(said, "1 users added, 1 passwords replaced.\n")
        self.assertEqual([len(password) for password in again.values()], [40, 40])
        self.assertEqual(self.verify("bob", first["bob"]), 3)
        self.assertEqual(self.verify("bob", again["bob"]), 0)
        self.assertEqual([line.split(":")[0] for line in self.lines()],
                         ["bob", "alice", "carol", "dave"])

    def test_generate_changes_nothing_that_it_cannot_finish(self):
        self.assertIn(b"No such file", self.fail_with(1, "--generate", self.file, "bob"))
        self.assertFalse(self.file.exists())
        self.set("bob", "one")
        before = self.file.read_text()
        for names, reason in ((b"alice\na:b\n", b"line 2 of standard input"),
                              (b"alice\nalice\n", b"user alice is given twice"),
                              (b"", b"standard input holds no user name")):
            with self.subTest(reason):
                self.assertIn(reason, self.fail_with(1, "--generate", self.file, "-", stdin=names))
                self.assertEqual(self.file.read_text(), before)

    def test_passwords_that_cannot_be_printed_are_an_error(self):
        self.set("bob", "one")
        with open("/dev/full", "wb") as full:
            done = subprocess.run([PASSWD, "--generate", str(self.file), "bob"], stdout=full,
                                  stderr=subprocess.PIPE, timeout=PATIENCE_S, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"generate them again", done.stderr)

    def test_add_change_delete(self):
        self.assertEqual(self.set("bob", "one"), b"Adding password for user bob\n")
        self.assertEqual(self.set("alice", "two"), b"Adding password for user alice\n")
        self.assertEqual(self.set("bob", "three"), b"Updating password for user bob\n")
        self.assertEqual([line.split(":")[0] for line in self.lines()], ["bob", "alice"])
        self.assertEqual(self.verify("bob", "three"), 0)
        self.assertEqual(self.verify("bob", "one"), 3)
        self.assertEqual(self.verify("alice", "two"), 0)
        self.assertEqual(self.succeed("-D", self.file, "bob"), b"")
        self.assertEqual(self.verify("bob", "three"), 3)
        self.assertEqual([line.split(":")[0] for line in self.lines()], ["alice"])

    def test_schemes(self):
        for scheme, mark in (("sha512", "$6$"), ("sha512-pbkdf2", "$7$30000$"),
                             ("argon2id", "$argon2id$v=19$m=47104,t=1,p=1$")):
            self.set(scheme, "secret", "-H", scheme)
            self.assertTrue(self.lines()[-1].startswith(f"{scheme}:{mark}"), self.lines())
            self.assertEqual(self.verify(scheme, "secret"), 0)
        self.set("quick", "secret", "-I", "1000")
        self.assertIn(":$7$1000$", self.lines()[-1])
        listed = self.succeed("--list", self.file).decode()
        self.assertEqual(listed, "sha512: sha512\nsha512-pbkdf2: sha512-pbkdf2, 30000 iterations\n"
                         "argon2id: argon2id, 47104 KiB, 1 passes, 1 lanes\n"
                         "quick: sha512-pbkdf2, 1000 iterations\n")

    def test_create_takes_the_place_of_a_file(self):
        self.set("bob", "one")
        self.succeed("-c", "-b", self.file, "alice", "two")
        self.assertEqual(len(self.lines()), 1)
        self.assertEqual(os.stat(self.file).st_mode & 0o777, 0o600)

    def test_standard_output(self):
        line = self.succeed("-c", "-b", "-", "bob", "secret", cwd=self.folder)
        self.assertEqual(os.listdir(self.folder), [])
        self.file.write_bytes(line)
        self.file.chmod(0o600)
        self.assertEqual(self.verify("bob", "secret"), 0)
        asked = self.run_passwd("-c", "-", "bob", stdin=b"secret\nsecret\n")
        self.assertRegex(asked.stdout, rb"^bob:\$7\$\S+\n$")

    def test_upgrade(self):
        self.file.write_text("# plain\nbob:one\nalice: two words :rest\n")
        self.file.chmod(0o600)
        self.succeed("-U", "-H", "sha512", self.file)
        self.assertEqual(self.verify("bob", "one"), 0)
        self.assertEqual(self.verify("alice", "two words :rest"), 0)
        before = self.lines()
        self.succeed("-U", self.file)
        self.assertEqual(self.lines(), before)
        self.assertEqual(before[0], "# plain")

    def test_wrong_files(self):
        self.file.write_text("bob:x\nwhat is this\n:y\n")
        self.file.chmod(0o600)
        for args in (("-b", self.file, "alice", "x"), ("-D", self.file, "bob"), ("-U", self.file),
                     ("--list", self.file)):
            error = self.fail_with(1, *args)
            self.assertIn(b"passwords:2: ", error)
            self.assertIn(b"passwords:3: ", error)
            self.assertEqual(self.lines(), ["bob:x", "what is this", ":y"])
        missing = self.folder / "missing"
        self.assertIn(str(missing).encode(), self.fail_with(1, "-b", missing, "bob", "x"))
        self.fail_with(1, "-b", self.folder, "bob", "x")
        self.file.write_text("")
        self.fail_with(1, "-U", self.file)
        self.assertIn(b"bob", self.fail_with(1, "-D", self.file, "bob"))

    def test_full_disk(self):
        done = self.run_passwd("-c", "-b", "/dev/full", "bob", "secret")
        self.assertEqual(done.returncode, 1)
        with open("/dev/full", "wb") as full:
            printed = subprocess.run([PASSWD, "-c", "-b", "-", "bob", "x"], stdout=full,
                                     stderr=subprocess.PIPE, check=False)
        self.assertEqual(printed.returncode, 1)

    def test_mode_and_neighbours(self):
        self.set("bob", "one")
        self.file.chmod(0o640)
        self.succeed("-b", self.file, "alice", "two")
        self.assertEqual(os.stat(self.file).st_mode & 0o777, 0o640)
        self.assertEqual(os.listdir(self.folder), ["passwords"])

    def test_many_at_once_lose_nobody(self):
        self.set("first", "x", "-H", "sha512")
        workers = [subprocess.Popen([PASSWD, "-H", "sha512", "-b", self.file, f"user{i}", "x"],
                                    stdout=subprocess.DEVNULL) for i in range(12)]
        self.assertEqual([worker.wait(PATIENCE_S) for worker in workers], [0] * len(workers))
        self.assertEqual(len(self.lines()), 1 + len(workers))


class Passwords(PasswdTest):

    def test_prompt_without_terminal(self):
        answered = self.succeed("-c", self.file, "bob", stdin=b"secret\nsecret\n")
        self.assertEqual(answered, b"Password: \nReenter password: \nAdding password for user bob\n")
        self.assertEqual(self.verify("bob", "secret"), 0)
        asked_once = self.run_passwd("--verify", self.file, "bob", stdin=b"secret\n")
        self.assertEqual(asked_once.returncode, 0)

    def test_wrong_answers(self):
        self.set("bob", "one")
        self.fail_with(2, self.file, "bob", stdin=b"two\nthree\n")
        self.fail_with(1, self.file, "bob", stdin=b"\n\n")
        self.fail_with(1, self.file, "bob", stdin=b"")
        self.fail_with(1, self.file, "bob", stdin=b"two\n")
        self.fail_with(1, self.file, "bob", stdin=b"two\0\ntwo\0\n")
        self.fail_with(1, self.file, "bob", stdin=b"x" * 65536 + b"\n")
        self.assertEqual(self.verify("bob", "one"), 0)

    def test_from_standard_input_and_descriptor(self):
        self.succeed("-c", "--password-stdin", self.file, "bob", stdin=b"secret\n")
        self.assertEqual(self.verify("bob", "secret"), 0)
        reading, writing = os.pipe()
        os.write(writing, b"another")
        os.close(writing)
        self.succeed("--password-fd", reading, self.file, "bob", pass_fds=[reading])
        os.close(reading)
        self.assertEqual(self.verify("bob", "another"), 0)
        self.fail_with(1, "--password-stdin", self.file, "bob", stdin=b"\n")
        self.fail_with(1, "--password-fd", "1000", self.file, "bob")

    def terminal(self, *args):
        """The program on a terminal of its own: the process and our end of the terminal."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen([PASSWD, *map(str, args)], stdin=theirs, stdout=theirs,
                                   stderr=theirs, start_new_session=True)
        os.close(theirs)
        self.addCleanup(os.close, ours)
        return process, ours

    @staticmethod
    def read_until(terminal, text):
        seen = b""
        while text not in seen:
            seen += os.read(terminal, 1000)
        return seen

    def test_terminal_does_not_show_the_password(self):
        process, terminal = self.terminal("-c", "-H", "sha512", self.file, "bob")
        shown = self.read_until(terminal, b"Password: ")
        os.write(terminal, b"secret\n")
        shown += self.read_until(terminal, b"Reenter password: ")
        os.write(terminal, b"secret\n")
        shown += self.read_until(terminal, b"user bob")
        self.assertEqual(process.wait(PATIENCE_S), 0)
        self.assertNotIn(b"secret", shown)
        self.assertEqual(self.verify("bob", "secret"), 0)

    def test_a_signal_leaves_the_terminal_as_it_was(self):
        import termios  # pylint: disable=import-outside-toplevel
        for number in (signal.SIGINT, signal.SIGTERM):
            process, terminal = self.terminal("-c", self.file, "bob")
            self.read_until(terminal, b"Password: ")
            self.assertFalse(termios.tcgetattr(terminal)[3] & termios.ECHO)
            process.send_signal(number)
            self.assertEqual(process.wait(PATIENCE_S), 128 + number)
            self.assertTrue(termios.tcgetattr(terminal)[3] & termios.ECHO)
            self.assertFalse(self.file.exists())


@unittest.skipUnless(MOSQUITTO_PASSWD, "mosquitto_passwd is not installed")
class Interchange(PasswdTest):

    def test_its_files_are_ours(self):
        for options in (["-c"], ["-H", "sha512"]):
            subprocess.run([MOSQUITTO_PASSWD, *options, "-b", self.file, "-".join(options), "secret"],
                           check=True, stderr=subprocess.DEVNULL)
        self.file.chmod(0o600)
        for user in ("-c", "-H-sha512"):
            self.assertEqual(self.verify(user, "secret"), 0)
            self.assertEqual(self.verify(user, "Secret"), 3)

    def test_our_files_are_its(self):
        self.set("ours", "secret", "-I", "1000")
        ours = self.lines()
        subprocess.run([MOSQUITTO_PASSWD, "-b", self.file, "its", "other"], check=True,
                       stderr=subprocess.DEVNULL)
        self.assertEqual(self.lines()[0], ours[0])
        self.assertEqual(self.verify("its", "other"), 0)
        self.assertEqual(self.verify("ours", "secret"), 0)


class WithBroker(PasswdTest):

    def connects(self, broker, user, password):
        done = subprocess.run([PUB, "-h", "127.0.0.1", "-p", str(broker.port), "-u", user,
                               "-P", password, "-t", "x", "-m", "x", "-q", "1"],
                              capture_output=True, timeout=PATIENCE_S, check=False)
        return done.returncode

    def test_the_broker_takes_our_passwords(self):
        for scheme in SCHEMES:
            self.set(scheme, f"secret of {scheme}", "-H", scheme)
        self.folder.chmod(0o755)
        self.file.chmod(0o644)
        broker = Broker("allow_anonymous false", f"password_file {self.file}")
        self.addCleanup(broker.stop)
        for scheme in SCHEMES:
            self.assertEqual(self.connects(broker, scheme, f"secret of {scheme}"), 0)
            self.assertEqual(self.connects(broker, scheme, "secret"), 5)
        self.assertEqual(self.connects(broker, "nobody", "secret"), 5)


class Reader(PasswdTest):

    def test_whoever_reads_sees_the_old_file_or_the_new(self):
        self.set("bob", "one", "-H", "sha512")
        for i in range(200):
            self.file.write_text(self.file.read_text() + f"user{i}:{self.lines()[0].split(':')[1]}\n")
        complete = len(self.lines())
        seen = set()
        done = threading.Event()

        def read():
            while not done.is_set():
                seen.add(len(self.lines()))
                time.sleep(0)

        reader = threading.Thread(target=read)
        reader.start()
        for _ in range(20):
            self.set("bob", "two", "-H", "sha512")
        done.set()
        reader.join()
        self.assertEqual(seen, {complete})


if __name__ == "__main__":
    unittest.main()
