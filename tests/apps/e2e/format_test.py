"""What mqtt-sub prints is, byte for byte, what mosquitto_sub prints, where both know the format."""

import os
import unittest

from harness import PATIENCE_S, BrokerTest

REFERENCE = "/usr/bin/mosquitto_sub"

PAYLOADS = [b"hi", b"x", b"line\nbreak \xff\x00\x01 end", b'{"b": 1.0, "a": [1, {"x": "\\u00e9"}]}',
            b'[123456789012345678, 0.1, 1e15, 1e-7, 30, true, null, "\\t\\/"]', b"a" * 300]

# Version 2.0.11 of the reference prints %j and %J with other members, see the unit tests for those,
# and reads the width of %x in its own way.
FORMATS = ["%t %p", "[%5l][%05l][%-5l]", "[%10t][%-10t][%.2t][%5.2t][%010t]", "%q%r%m %%",
           "[%20p][%-20p][%020p][%1p]", "%x %X", r"\\\a\e\n\r\t\v\0.", "@Y-@m-@d @@",
           "[%C][%5C][%05C][%E][%5E][%05E][%F][%R][%S][%A][%P][%D]"]

PROPERTIES = [[], ["content-type", "text"], ["message-expiry-interval", "500"],
              ["response-topic", "r"], ["correlation-data", "c"], ["payload-format-indicator", "1"],
              ["user-property", "k", "v"]]


@unittest.skipUnless(os.access(REFERENCE, os.X_OK), "mosquitto_sub is not installed")
class SameBytes(BrokerTest):

    def both(self, *args):
        ours = self.receive(*args, "-t", self.topic, "-C", "1", "-W", "20")
        theirs = self.run_tool(REFERENCE, *args, "-t", self.topic, "-C", "1", "-W", "20")
        return ours, theirs.stdout

    def test_plain_and_verbose(self):
        for payload in PAYLOADS:
            self.publish("-t", self.topic, "-r", "-s", stdin=payload)
            for args in ([], ["-v"], ["-N"], ["-v", "-N"]):
                with self.subTest(payload=payload, args=args):
                    ours, theirs = self.both(*args)
                    self.assertEqual(ours, theirs)

    def test_formats(self):
        for payload in PAYLOADS:
            self.publish("-t", self.topic, "-r", "-s", stdin=payload)
            everything = "|".join(FORMATS)
            with self.subTest(payload=payload):
                ours, theirs = self.both("-F", everything)
                self.assertEqual(ours, theirs)

    def test_properties(self):
        for words in PROPERTIES:
            args = ["-D", "publish", *words] if words else []
            self.publish("-V", "5", "-t", self.topic, "-r", "-m", "x", *args)
            with self.subTest(words=words):
                ours, theirs = self.both("-V", "5", "-F", "|".join(FORMATS))
                # The broker counts the expiry down.
                self.assertEqual(ours.replace(b"499", b"500"), theirs.replace(b"499", b"500"))

    def test_json_payloads(self):
        """The part of the JSON object that both versions print alike."""
        for payload in PAYLOADS[3:5]:
            self.publish("-t", self.topic, "-r", "-s", stdin=payload)
            for letter in "jJ":
                ours, theirs = self.both("-F", f"%{letter}")
                mark = b'"payload":'
                self.assertEqual(ours.split(mark)[1], theirs.split(mark)[1])
            ours, theirs = self.both("-F", "%J", "--pretty")
            mark = b'"payload":\t'
            self.assertEqual(ours.split(mark)[1], theirs.split(mark)[1])


if __name__ == "__main__":
    unittest.main()
