"""mqtt-pub from many messages: rows of a file, files, a rate, the summary and the progress."""

import json
import os
import pathlib
import pty
import subprocess
import tempfile
import unittest

from harness import PATIENCE_S, PUB, BrokerTest, ScriptedBroker, end, interrupt

CSV = 'site,sensor,value\r\nA,t1,1.50\r\n\r\n"B","t ""2""","x,\r\ny"\r\n'


class WithFolder(BrokerTest):

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory(prefix="mqtt-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, text):
        path = self.folder / name
        path.write_bytes(text.encode())
        return str(path)

    def received(self, count, *args):
        """What `take_session` has, as topic and payload."""
        text = self.receive("-i", self.topic, "-c", "-q", "2", "-t", self.topic + "/#",
                            "-C", str(count), "-F", "%t=%p\\0", "-N", *args)
        return text.decode().split("\0")[:-1]

    def keep(self):
        self.receive("-i", self.topic, "-c", "-q", "2", "-t", self.topic + "/#", "-E")

    def each(self, topic, *args, **more):
        return self.publish("-q", "1", "-t", f"{self.topic}/{topic}", *args, **more)


class Rows(WithFolder):

    def test_csv(self):
        self.keep()
        self.each("{site}/{sensor}", "--each", self.file("rows.csv", CSV))
        self.assertEqual(self.received(2), [
            self.topic + '/A/t1={"site":"A","sensor":"t1","value":"1.50"}',
            self.topic + '/B/t "2"={"site":"B","sensor":"t \\"2\\"","value":"x,\\r\\ny"}'])

    def test_payload(self):
        self.keep()
        rows = self.file("rows.csv", CSV)
        self.each("{site}", "-m", '{{"v":{value:json}}}', "--each", rows)
        self.each("{site}", "-f", self.file("template", "<{value}>"), "--each", rows)
        self.each("{site}", "-n", "--each", rows)
        self.assertEqual([message.split("=", 1)[1] for message in self.received(6)],
                         ['{"v":"1.50"}', '{"v":"x,\\r\\ny"}', "<1.50>", "<x,\r\ny>", "", ""])

    def test_objects_from_standard_input(self):
        self.keep()
        line = '{"id": 7, "at": {"x": 1.10}, "name": "a\\u00e9"}'
        self.each("{id}/{at.x}/{name}", "--each", "-", stdin=f"\n{line}\n".encode())
        self.assertEqual(self.received(1), [f"{self.topic}/7/1.10/aé={line}"])

    def test_an_array(self):
        self.keep()
        self.each("{id}", "--each", "-", stdin=b'[\n {"id": 1},\n {"id": 2,\n "x": "]"}\n]\n')
        self.assertEqual(self.received(2), [self.topic + '/1={"id": 1}', self.topic + '/2={"id": 2,\n "x": "]"}'])
        done = self.pub("-t", "x", "--each", "-", stdin=b'[\n{},\n7]')
        self.assertEqual((done.returncode, done.stderr),
                         (1, b"Error: standard input:3: an element of the array is not an object\n"))

    def test_delimiters(self):
        self.keep()
        for delimiter, rows in ((";", b"id;v\n1;a,b\n"), ("tab", b"id\tv\n2\ta;b\n"), ("\\t", b"id\tv\n3\tc\n")):
            self.each("{id}", "-m", "{v}", "--each", "-", "--delimiter", delimiter, stdin=rows)
        self.assertEqual(self.received(3), [f"{self.topic}/1=a,b", f"{self.topic}/2=a;b", f"{self.topic}/3=c"])
        done = self.pub("-t", "{id}", "--each", "-", stdin=b"id;v\n1;a\n")
        self.assertIn(b"--delimiter", done.stderr)
        for wrong in (["--delimiter", ";;", "--each", "-"], ["--delimiter", '"', "--each", "-"], ["--delimiter", ";", "-n"]):
            self.assertEqual(self.pub("-t", "x", *wrong).returncode, 1)

    def test_properties(self):
        self.publish("-r", "-t", self.topic, "-V", "5", "--each", "-", "-m", "x",
                     "-D", "publish", "content-type", "{type}",
                     "-D", "publish", "user-property", "id", "{id}",
                     stdin=b"type,id\ntext/plain,7\n")
        self.assertEqual(self.receive("-V", "5", "-t", self.topic, "-C", "1", "-F", "%C|%P"),
                         b"text/plain|id:7\n")

    def test_a_row_that_is_wrong(self):
        self.keep()
        rows = self.file("rows.csv", "id,v\n1,a\n2,b\n3\n4,d\n")
        done = self.pub("-q", "1", "-t", self.topic + "/{id}", "-m", "{v}", "--each", rows)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.decode(),
                         f"Error: {rows}:4: the row has 1 fields, but the header names 2\n")
        self.assertEqual(self.received(2), [self.topic + "/1=a", self.topic + "/2=b"])

    def test_a_field_that_is_not_there(self):
        done = self.pub("-t", self.topic + "/{idd}", "--each", "-", stdin=b"id,v\n1,a\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"standard input:2: there is no field \"idd\", did you mean \"id\"?", done.stderr)

    def test_a_topic_that_is_none(self):
        done = self.pub("-t", "{id}", "--each", "-", stdin=b"id\na/#\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"standard input:2: \"a/#\" is not a topic", done.stderr)

    def test_templates_and_files_that_are_wrong(self):
        for args in (["-t", "a/{x"], ["-t", "a", "-m", '{"v": 1}']):
            done = self.pub(*args, "--each", "-", stdin=b"")
            self.assertEqual(done.returncode, 1, args)
            self.assertIn(b"a brace itself is written", done.stderr)
        done = self.pub("-t", "a", "--each", str(self.folder / "nothing"))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"No such file", done.stderr)
        done = self.pub("-t", "a", "--each", str(self.folder))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot read", done.stderr)

    def test_no_rows(self):
        done = self.each("x", "--each", "-", "--summary", "text", stdin=b"a,b\n")
        self.assertTrue(done.stdout.startswith(b"sent 0, acknowledged 0,"), done.stdout)

    def test_order_and_window(self):
        self.keep()
        rows = "n\n" + "".join(f"{n}\n" for n in range(200))
        for qos, window in (("1", "1"), ("2", "7")):
            self.each("x", "-m", "{n}", "--each", "-", "-q", qos, "-M", window, stdin=rows.encode())
        numbers = [message.split("=")[1] for message in self.received(400)]
        self.assertEqual(numbers, [str(n) for n in range(200)] * 2)

    def test_memory_is_bounded(self):
        """100 MB of rows go through a process of less than half of that."""
        publisher = self.start(PUB, "-t", self.topic, "-m", "x", "--each", "-", stdin=subprocess.PIPE)
        publisher.stdin.write(b"x\n")
        chunk = (b"y" * 10_000 + b"\n") * 100
        for _ in range(100):
            publisher.stdin.write(chunk)
        status = pathlib.Path(f"/proc/{publisher.pid}/status").read_text()
        peak_kb = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
        publisher.stdin.close()
        self.assertEqual(publisher.wait(PATIENCE_S), 0)
        if "asan" not in os.environ.get("ASAN_OPTIONS", "") and not is_sanitized(PUB):
            self.assertLess(peak_kb, 50_000)


def is_sanitized(program):
    return b"__asan_init" in pathlib.Path(program).read_bytes()


class Files(WithFolder):

    def test_files(self):
        self.keep()
        for name in ("b.json", "a.json", "c.txt", ".hidden.json"):
            self.file(name, f"<{name}>")
        self.each("{stem}/{name}", "--each-file", str(self.folder / "*.json"),
                  "--each-file", str(self.folder / "c.txt"))
        self.assertEqual(self.received(3), [self.topic + "/a/a.json=<a.json>",
                                            self.topic + "/b/b.json=<b.json>",
                                            self.topic + "/c/c.txt=<c.txt>"])

    def test_a_folder(self):
        self.keep()
        self.file("b", "2")
        self.file("a", "1")
        self.file(".hidden", "0")
        (self.folder / "below").mkdir()
        self.each("x", "--each-file", str(self.folder))
        self.assertEqual(self.received(2), [self.topic + "/x=1", self.topic + "/x=2"])

    def test_no_file(self):
        for pattern, words in (("*.xml", b"fits no file"), ("", b"there is no file in")):
            done = self.pub("-t", "a", "--each-file", str(self.folder / pattern))
            self.assertEqual(done.returncode, 1)
            self.assertIn(words, done.stderr)


class Summary(WithFolder):

    def test_text_and_json(self):
        done = self.each("x", "-m", "abc", "--repeat", "5", "--summary", "text")
        self.assertRegex(done.stdout.decode(),
                         r"^sent 5, acknowledged 5, failed 0, unanswered 0, 15 bytes in "
                         r"\d+\.\d{3} s, \d+\.\d/s\n$")
        done = self.publish("-t", self.topic, "-l", "--summary=json", "--rate", "6000/min",
                            stdin=b"a\nbc\n")
        summary = json.loads(done.stdout)
        self.assertEqual([summary[key] for key in ("sent", "acknowledged", "failed", "unanswered",
                                                   "bytes")], [2, 0, 0, 0, 3])
        self.assertGreater(summary["seconds"], 0)

    def test_interrupted(self):
        subscriber = self.start_subscribed("-t", self.topic, "-q", "1", "-F", "got %p")
        publisher = self.start(PUB, "-t", self.topic, "-q", "1", "--each", "-", "-m", "{n}",
                               "--summary", "json", stdin=subprocess.PIPE)
        publisher.stdin.write(b"n\n1\n2\n3\n")
        publisher.stdin.flush()
        next(line for line in subscriber.stdout if line == b"got 3\n")
        self.assertEqual(interrupt(publisher), 130)
        summary = json.loads(publisher.stdout.read())
        self.assertEqual(summary["sent"], 3)
        self.assertEqual(summary["acknowledged"] + summary["unanswered"], 3)

    def test_no_connection(self):
        self.port = 1
        done = self.pub("-t", "a", "-n", "--summary", "text")
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stdout.startswith(b"sent 0,"), done.stdout)


class Rejected(ScriptedBroker):

    def test_rejected_messages_are_counted(self):

        def broker(peer):
            peer.accept(v5=True)
            for reason in (b"", b"\x87", b""):
                packet = peer.read()
                self.assertEqual(packet[0], 0x32)
                packet_id = packet[1][3:5]  # behind a topic of one letter
                peer.send(0x40, packet_id + reason)
            self.assertEqual(peer.read()[0], 0xE0)

        self.serve(broker)
        done = self.pub("-V", "5", "-q", "1", "-M", "1", "-t", "t", "--each", "-", "-m", "{n}",
                        "--summary", "json", stdin=b"n\n1\n2\n3\n")
        self.assertEqual(done.returncode, 65)
        self.assertIn(b"Publish 2 failed: Not authorized", done.stderr.replace(b"Publish 1", b"Publish 2"))
        summary = json.loads(done.stdout)
        self.assertEqual([summary[key] for key in ("sent", "acknowledged", "failed")], [3, 2, 1])


class Interrupted(ScriptedBroker):

    def test_rows_go_on_when_the_connection_is_lost(self):

        def lose(peer):
            peer.accept()
            self.assertTrue(peer.read()[1].endswith(b"1"))

        def take(peer):
            peer.accept()
            for payload in (b"1", b"2", b"3"):
                first, body = peer.read()
                self.assertEqual(first & 0xF6, 0x32)
                self.assertTrue(body.endswith(payload), body)
                peer.send(0x40, body[3:5])
            self.assertEqual(peer.read()[0], 0xE0)

        self.serve(lose, take)
        done = self.pub("-q", "1", "-M", "1", "-t", "t", "--each", "-", "-m", "{n}", "--summary",
                        "json", stdin=b"n\n1\n2\n3\n")
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"the connection was lost: closed by the server\n", done.stderr)
        self.assertIn(b"Connected again after ", done.stderr)
        summary = json.loads(done.stdout)
        self.assertEqual([summary[key] for key in ("sent", "acknowledged", "failed")], [3, 3, 0])


class Progress(BrokerTest):

    def start_on_a_terminal(self, *args):
        """A publisher whose standard error is a terminal; what comes out there can be read."""
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        publisher = subprocess.Popen([PUB, "-h", "127.0.0.1", "-p", str(self.port), *args],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=theirs,
                                     env={**os.environ, "TERM": "xterm"})
        os.close(theirs)
        self.addCleanup(end, publisher)
        return publisher, ours

    @staticmethod
    def read_until(terminal, word):
        text = b""
        while word not in text:
            text += os.read(terminal, 4096)
        return text

    def test_a_long_run_shows_how_far_it_is(self):
        publisher, terminal = self.start_on_a_terminal("-t", self.topic, "-m", "{n}", "--each", "-")
        publisher.stdin.write(b"n\n1\n2\n")
        publisher.stdin.flush()
        self.assertIn(b"\r\x1b[K", self.read_until(terminal, b"2 sent"))
        publisher.stdin.close()
        self.assertEqual(publisher.wait(PATIENCE_S), 0)
        rest = b""
        try:
            while part := os.read(terminal, 4096):
                rest += part
        except OSError:  # nobody has the terminal any more
            pass
        self.assertTrue(rest.endswith(b"\r\x1b[K"), rest)

    def test_of_a_file_the_share_is_known(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"n\n" + b"1\n" * 100)
            file.flush()
            publisher, terminal = self.start_on_a_terminal(
                "-t", self.topic, "--each", file.name, "--rate", "10")
            self.read_until(terminal, "▕".encode())
            self.assertEqual(interrupt(publisher), 130)


if __name__ == "__main__":
    unittest.main()
