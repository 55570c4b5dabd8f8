"""mqtt-sub --decode, --jq and --output: what is made of payloads, one after the other."""

import csv
import io
import json
import subprocess
import unittest

from harness import PATIENCE_S, SUB, BrokerTest


class Payloads(BrokerTest):

    def retain(self, payload, *args):
        self.publish("-t", self.topic, "-r", "-q", "1", "-s", *args, stdin=payload)

    def shown(self, *args):
        return self.receive("-t", self.topic, "-C", "1", *args)

    def complaint(self, *args):
        """Of a message that is not printed."""
        done = self.sub("-t", self.topic, "-C", "1", *args)
        self.assertEqual((done.returncode, done.stdout), (0, b""))
        self.assertIn(self.topic.encode(), done.stderr)
        return done.stderr

    # --- jq ---------------------------------------------------------------------------------------

    def test_filter(self):
        self.retain(b'{"temp": 26.5, "name": "x"}')
        self.assertEqual(self.shown("--jq", ".temp"), b"26.5\n")
        self.assertEqual(self.shown("--jq", ".[]"), b'26.5\n"x"\n')
        self.assertEqual(self.shown("--jq", "select(.temp > 30)"), b"")
        self.assertEqual(self.shown("--jq", ".name", "--raw-output"), b"x\n")
        self.assertEqual(self.shown("--jq", ".", "--pretty"), b'{\n\t"temp": 26.5,\n\t"name": "x"\n}\n')

    def test_message_in_variables(self):
        self.retain(b"1", "-V", "5", "-D", "publish", "user-property", "k", "v")
        out = self.shown("-V", "5", "-q", "1", "--jq", "[$topic, $qos, $retain, $properties, ($time | type)]")
        self.assertEqual(json.loads(out),
                         [self.topic, 1, True, {"user-properties": [{"k": "v"}]}, "number"])

    def test_result_takes_the_place_of_the_payload(self):
        self.retain(b'{"a": [1, 22]}')
        self.assertEqual(self.shown("--jq", ".a[]", "-F", "%t:%l:%p").decode(),
                         f"{self.topic}:1:1\n{self.topic}:2:22\n")
        self.assertEqual(self.shown("--jq", ".a[]", "-v").decode(), f"{self.topic} 1\n{self.topic} 22\n")
        self.assertEqual(self.shown("--jq", ".a[]", "-N"), b"122")
        self.assertEqual(json.loads(self.shown("--jq", ".a", "--output", "json"))["payload"], [1, 22])

    def test_errors(self):
        self.retain(b"no json")
        self.assertIn(b"not JSON", self.complaint("--jq", "."))
        self.retain(b"1")
        self.assertIn(b"Cannot index number", self.complaint("--jq", ".a"))

    def test_expression_that_makes_no_sense(self):
        done = subprocess.run([SUB, "-t", "x", "--jq", ".a | nonsense"], capture_output=True,
                              timeout=PATIENCE_S, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"nonsense/0 is not defined", done.stderr)

    # --- decode -----------------------------------------------------------------------------------

    def test_decode(self):
        for payload, coding, shown in ((b"\xa1\x61a\xc1\x01", "cbor", b'{"a":1}'), (b"\x81\xa1a\x01", "msgpack", b'{"a":1}'),
                                       (b"00ff", "hex", b"\0\xff"), (b"AP8=", "base64", b"\0\xff"),
                                       (b"\xa1\x61a\x01", "auto", b'{"a":1}'), (b"text", "auto", b"text")):
            with self.subTest(coding=coding):
                self.retain(payload)
                self.assertEqual(self.shown("--decode", coding), shown + b"\n")

    def test_decode_in_steps(self):
        self.retain(b"oWFhAQ==")
        self.assertEqual(self.shown("--decode", "base64", "--decode", "cbor", "--jq", ".a + 1"), b"2\n")

    def test_decode_what_is_damaged(self):
        self.retain(b"\xa1")
        self.assertIn(b"not CBOR", self.complaint("--decode", "cbor"))
        self.assertIn(b"not MessagePack", self.complaint("--decode", "msgpack"))
        self.assertIn(b"not base64", self.complaint("--decode", "base64"))
        self.retain(b"\x81" * 1_000_000)
        self.assertIn(b"nested too deeply", self.complaint("--decode", "cbor"))

    # --- output -----------------------------------------------------------------------------------

    def test_csv(self):
        payload = b'a,"b"\r\nc'
        self.retain(payload)
        out = self.shown("--output", "csv")
        header, row = csv.reader(io.StringIO(out.decode(), newline=""))
        self.assertEqual(header, ["time", "topic", "qos", "retain", "payload"])
        self.assertEqual(row[1:], [self.topic, "0", "1", payload.decode()])
        self.assertRegex(row[0], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d{4}$")
        self.assertTrue(out.endswith(b"\r\n"))

    def test_json(self):
        for payload, member, value in ((b'{"a":1}', "payload", {"a": 1}), (b"text", "payload", "text"),
                                       (b"\xff\x00", "payload-base64", "/wA=")):
            self.retain(payload)
            message = json.loads(self.shown("--output", "json"))
            self.assertEqual((message["topic"], message["payloadlen"], message[member]),
                             (self.topic, len(payload), value))
        self.assertIn(b'\n\t"topic":\t', self.shown("--output", "json", "--pretty"))

    def test_text_raw_hex(self):
        payload = b"a\n\x1b[2J\xff\xc3\xa9\\"
        self.retain(payload)
        self.assertEqual(self.shown("--output", "text"), b"a\\n\\x1b[2J\\xff\xc3\xa9\\\\\n")
        self.assertEqual(self.shown("--output", "text", "-v", "-N"),
                         self.topic.encode() + b" a\\n\\x1b[2J\\xff\xc3\xa9\\\\")
        self.assertEqual(self.shown("--output", "raw"), payload)
        self.assertEqual(self.shown("--output", "hex"), payload.hex().encode() + b"\n")
        self.assertEqual(self.shown("--output", "hex", "-v"), f"{self.topic} {payload.hex()}\n".encode())


if __name__ == "__main__":
    unittest.main()
