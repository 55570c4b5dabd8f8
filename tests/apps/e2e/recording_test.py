"""mqtt-sub --record and mqtt-pub --replay: what is kept, what a crash leaves, pipelines, full disks."""

import os
import pathlib
import resource
import signal
import tempfile
import unittest

from harness import PATIENCE_S, PUB, SUB, BrokerTest, interrupt

HEADER = b"\x50\x2a\x4d\x18\x0c\0\0\0MQTT-REC\x01\0\0\0"

# What a subscriber can tell of a message, besides when it came.
EVERYTHING = "%t|%q|%r|%C|%R|%D|%P|%F|%p"


class RecordingTest(BrokerTest):

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory(prefix="mqtt-recording-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.file = str(self.folder / "file.mqttrec")

    # What was done is told on standard error; here only what went wrong is of interest.
    def receive(self, *args, **more):
        return super().receive("--quiet", *args, **more)

    def publish(self, *args, **more):
        return super().publish("--quiet", *args, **more)

    def record_retained(self, *messages):
        """Records messages that lie with the broker, each a list of words for mqtt-pub."""
        for number, words in enumerate(messages):
            self.publish("-t", f"{self.topic}/{number}", "-r", *words)
        self.receive("-t", f"{self.topic}/+", "-C", str(len(messages)), "--record", self.file)
        for number in range(len(messages)):
            self.publish("-t", f"{self.topic}/{number}", "-r", "-n")

    def replay(self, *args, **more):
        return self.publish("--replay", self.file, *args, **more)

    def wait_until(self, process, mark):
        for line in process.stdout:
            if mark in line:
                return
        self.fail(process.stderr.read())


class Recording(RecordingTest):

    def test_all_of_a_message(self):
        """Topic, payload, QoS, retain flag, properties: what comes is what went."""
        payload = bytes(range(256))
        self.publish("-V", "5", "-t", f"{self.topic}/a", "-q", "2", "-r", "-s", "-D", "publish", "content-type", "t",
                     "-D", "publish", "response-topic", "r", "-D", "publish", "correlation-data", "c",
                     "-D", "publish", "user-property", "k", "v", "-D", "publish", "user-property", "k", "w",
                     "-D", "publish", "payload-format-indicator", "0", stdin=payload)
        self.publish("-t", f"{self.topic}/b", "-q", "1", "-r", "-m", "")
        self.publish("-t", f"{self.topic}/b", "-q", "1", "-r", "-m", "two")
        self.receive("-t", f"{self.topic}/#", "-C", "2", "--record", self.file)
        subscriber = self.start_subscribed("-V", "5", "-q", "2", "-t", f"copy/{self.topic}/#", "-N", "-C", "2",
                                           "--retain-as-published", "-F", "<" + EVERYTHING + ">")
        self.replay("--topic-prefix", "copy/")
        out = subscriber.stdout.read()
        self.assertIn(f"<copy/{self.topic}/a|2|1|t|r|c|k:v k:w|0|".encode() + payload + b">", out)
        self.assertIn(f"<copy/{self.topic}/b|1|1||||||two>".encode(), out)

    def test_nothing_is_printed_unless_asked_for(self):
        self.publish("-t", self.topic, "-r", "-m", "x")
        self.assertEqual(self.receive("-t", self.topic, "-C", "1", "--record", self.file), b"")
        self.assertEqual(self.receive("-t", self.topic, "-C", "1", "--record", self.file, "-v"),
                         f"{self.topic} x\n".encode())
        self.assertTrue(pathlib.Path(self.file).read_bytes().startswith(HEADER))

    def test_quality_of_service_and_version_can_be_chosen(self):
        self.publish("-t", self.topic, "-q", "2", "-r", "-m", "x")
        for words, qos in ((["-q", "1"], b"1"), (["-V", "311"], b"2"), ([], b"2")):
            with self.subTest(words=words):
                out = self.receive(*words, "-t", self.topic, "-C", "1", "--record", self.file, "-F", "%q")
                self.assertEqual(out, qos + b"\n")

    def test_killed(self):
        """What was acknowledged is in the file, and it can be read up to there."""
        recorder = self.start_subscribed("-t", self.topic, "--record", self.file, "-q", "1")
        self.publish("-t", self.topic, "-q", "1", "-m", "one")
        self.publish("-t", self.topic, "-q", "1", "-m", "two")
        for _ in range(2):
            self.wait_until(recorder, b"sending PUBACK")
        self.assertEqual(interrupt(recorder, signal.SIGKILL), -signal.SIGKILL)
        subscriber = self.start_subscribed("-t", self.topic, "-C", "2", "-F", "got %p")
        done = self.pub("--replay", self.file)
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"breaks off", done.stderr)
        got = [line for line in subscriber.stdout.read().splitlines() if line.startswith(b"got ")]
        self.assertEqual(got, [b"got one", b"got two"])

    def test_interrupted(self):
        """A signal ends the recording in order."""
        recorder = self.start_subscribed("-t", self.topic, "--record", self.file)
        self.publish("-t", self.topic, "-m", "one")
        self.wait_until(recorder, b"received PUBLISH")
        self.assertEqual(interrupt(recorder), 0)
        self.keep_session()
        self.replay()

    def test_reader_of_nothing_that_leaves(self):
        """As in `mqtt-sub --record file | true`: who records into a file needs no reader."""
        recorder = self.start(SUB, "-t", f"{self.topic}/#", "--record", self.file, "-C", "2")
        recorder.stdout.close()
        self.publish("-t", f"{self.topic}/a", "-r", "-q", "1", "-m", "x")
        self.publish("-t", f"{self.topic}/b", "-r", "-q", "1", "-m", "y")
        self.assertEqual(recorder.wait(PATIENCE_S), 0)
        self.replay()

    def test_full_disk(self):
        self.publish("-t", self.topic, "-r", "-m", "x")
        done = self.sub("-t", self.topic, "--record", "/dev/full")
        self.assertEqual(done.returncode, 66)
        self.assertIn(b"cannot write /dev/full: No space left", done.stderr)
        with open("/dev/full", "wb") as full:
            recorder = self.start(SUB, "-t", self.topic, "--record", "-", stdout=full)
            self.assertEqual(recorder.wait(PATIENCE_S), 66)
            self.assertIn(b"No space left", recorder.stderr.read())

    def test_file_that_stops_growing(self):
        """What fitted is a recording that can be read."""

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (16_000, 16_000))

        recorder = self.start_subscribed("-t", self.topic, "--record", self.file, preexec_fn=limit)
        for _ in range(30):
            if recorder.poll() is not None:
                break
            self.publish("-t", self.topic, "-q", "1", "-s", stdin=os.urandom(1000))
        self.assertEqual(recorder.wait(PATIENCE_S), 66)
        self.assertIn(b"File too large", recorder.stderr.read())
        replayed = self.pub("--replay", self.file, "-d", "--speed", "max")
        self.assertEqual(replayed.returncode, 0)
        self.assertIn(b"breaks off", replayed.stderr)
        self.assertGreater(replayed.stdout.count(b"sending PUBLISH"), 1)

    def test_what_was_done(self):
        """The last line on standard error, of either side, unless nobody wants to know."""
        self.publish("-t", self.topic, "-r", "-m", "four")
        done = self.sub("-t", self.topic, "-C", "1", "--record", self.file)
        self.assertRegex(done.stderr.decode(), rf"^Recorded 1 message \(4 bytes\) in \d+\.\d s into {self.file}\.\n$")
        timed = self.sub("-t", self.topic + "/nothing", "-W", "1", "--record", self.file + "2")
        self.assertRegex(timed.stderr.decode(), r"^Timed out\nRecorded 0 messages \(0 bytes\) in ")
        done = self.pub("--replay", self.file)
        self.assertRegex(done.stderr.decode(), rf"^Replayed 1 message \(4 bytes\) in \d+\.\d s from {self.file}\.\n$")
        self.assertEqual(self.pub("--replay", self.file, "--quiet").stderr, b"")

    def test_file_that_cannot_be_made(self):
        done = self.sub("-t", self.topic, "--record", str(self.folder / "no" / "file"))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"No such file or directory", done.stderr)


class Replaying(RecordingTest):

    def test_gaps_and_speed(self):
        """Gaps are kept, or as much shorter as asked for. A busy machine changes them a little: half
        of a gap is what would not be there at all if they were not kept."""
        recorder = self.start_subscribed("-t", self.topic, "--record", self.file, "-C", "3", "-F", "at %U")
        self.publish("-t", self.topic, "-q", "1", "-m", "x", "--repeat", "3", "--repeat-delay", "0.4")
        recorded = self.gap(recorder)
        for speed in ("1", "2", "max"):
            subscriber = self.start_subscribed("-t", self.topic, "-C", "3", "-F", "at %U")
            self.replay("--speed", speed)
            gap = self.gap(subscriber)
            if speed != "max":
                self.assertGreater(gap, recorded / float(speed) / 2)

    def gap(self, subscriber):
        """Between the first and the last message that it got."""
        at = [float(line[3:]) for line in subscriber.stdout.read().splitlines() if line.startswith(b"at ")]
        self.assertEqual(len(at), 3)
        return at[-1] - at[0]

    def test_figures(self):
        self.record_retained(["-m", "x"])
        self.assertRegex(self.replay("-d").stdout,
                         rb"Replayed 1 messages; sent late by \d+ us at the median, \d+ us at most\n")

    def test_repetition(self):
        self.record_retained(["-m", "x"], ["-m", "y"])
        subscriber = self.start_subscribed("-t", f"{self.topic}/+", "-F", "got %p", "-C", "6")
        self.replay("--repeat", "3", "--repeat-delay", "0.01", "--speed", "max")
        got = [line for line in subscriber.stdout.read().splitlines() if line.startswith(b"got ")]
        self.assertEqual(sorted(got), [b"got x"] * 3 + [b"got y"] * 3)

    def test_pipeline(self):
        """From one tool to the other without a file, while the first one goes on."""
        subscriber = self.start_subscribed("-t", f"copy/{self.topic}", "-F", "got %p", "-C", "2")
        recorder = self.start(SUB, "-t", self.topic, "--record", "-", "-i", self.topic, "-c")
        player = self.start(PUB, "--replay", "-", "--topic-prefix", "copy/", stdin=recorder.stdout)
        recorder.stdout.close()
        self.keep_session_until_there()
        for payload in ("one", "two"):
            self.publish("-t", self.topic, "-q", "1", "-m", payload)
            self.wait_until(subscriber, b"got " + payload.encode())
        self.assertEqual(interrupt(recorder), 0)
        self.assertEqual(player.wait(PATIENCE_S), 0)
        self.assertRegex(player.stderr.read(), rb"^Replayed 2 messages \(6 bytes\) in \d+\.\d s\.\n$")
        self.assertRegex(recorder.stderr.read(), rb"^Recorded 2 messages \(6 bytes\) in \d+\.\d s\.\n$")

    def keep_session_until_there(self):
        """A retained message comes only to who has subscribed."""
        probe = self.topic + "/there"
        self.publish("-t", probe, "-r", "-m", "x")
        self.receive("-t", probe, "-C", "1")

    def test_recordings_in_a_row(self):
        self.record_retained(["-m", "x"])
        recording = pathlib.Path(self.file).read_bytes()
        done = self.pub("--replay", "-", "-d", "--quiet", stdin=recording + recording)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(done.stdout.count(b"sending PUBLISH"), 2)

    def test_broker_topics(self):
        """Nobody but the broker publishes below $SYS; behind a prefix the values are kept."""
        self.receive("-t", "$SYS/broker/version", "-C", "1", "--record", self.file)
        done = self.pub("--replay", self.file, "-d")
        self.assertEqual(done.returncode, 0)
        self.assertNotIn(b"sending PUBLISH", done.stdout)
        self.assertIn(b"1 messages of the broker's own topics", done.stderr)
        self.replay("--topic-prefix", "old/")
        self.assertTrue(self.receive("-t", "old/$SYS/broker/version", "-C", "1"))

    def test_properties_without_a_place(self):
        self.publish("-V", "5", "-t", self.topic, "-r", "-m", "x", "-D", "publish", "content-type", "t")
        self.receive("-t", self.topic, "-C", "1", "--record", self.file)
        done = self.pub("--replay", self.file, "-V", "311")
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"properties", done.stderr)

    def test_what_is_no_recording(self):
        for content in (b"no recording", HEADER + b"\0" * 40):
            pathlib.Path(self.file).write_bytes(content)
            done = self.pub("--replay", self.file)
            self.assertEqual(done.returncode, 1)
            self.assertIn(self.file.encode(), done.stderr)
        self.assertEqual(self.pub("--replay", str(self.folder / "none")).returncode, 1)
        self.assertEqual(self.pub("--replay", str(self.folder)).returncode, 1)

    def test_damage(self):
        self.record_retained(["-m", "x" * 100])
        recording = bytearray(pathlib.Path(self.file).read_bytes())
        recording[len(recording) // 2] ^= 1
        pathlib.Path(self.file).write_bytes(recording)
        done = self.pub("--replay", self.file, "-d")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"damaged", done.stderr)
        self.assertNotIn(b"sending PUBLISH", done.stdout)

    def test_empty_input(self):
        done = self.pub("--replay", "-")
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"breaks off", done.stderr)


if __name__ == "__main__":
    unittest.main()
