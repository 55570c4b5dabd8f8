"""What mqtt-sub prints is, byte for byte, what mosquitto_sub prints, where both know the format; and
each row of the language of -F prints what it should, also where the installed one is too old for it."""

import json
import os
import re
import struct
import subprocess
import unittest

from harness import PATIENCE_S, SUB, BrokerTest

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


# Format and what it prints for a message with topic test_rows, payload "\\x00\\x9aHi", QoS 1, retained,
# and the properties of `Rows.PROPERTIES`.
ROWS = [
    (r"%%", b"%"), (r"%5%", b"%"), (r"%-05%", b"%"),
    # integers: width and flags count, precision does not
    (r"%l", b"4"), (r"%3l", b"  4"), (r"%03l", b"004"), (r"%-3l", b"4  "), (r"%-03l", b"4  "), (r"%3.1l", b"  4"),
    (r"%F", b"1"), (r"%02F", b"01"), (r"%S", b"300"), (r"%5S", b"  300"), (r"%05S", b"00300"), (r"%-5S", b"300  "),
    (r"%A", b""), (r"%3A", b"   "), (r"%03A", b"000"), (r"%-3A", b"   "),
    # QoS and retain flag: nothing counts
    (r"%q", b"1"), (r"%05q", b"1"), (r"%r", b"1"), (r"%3r", b"1"),
    # texts: padded with blanks, cut by the precision
    (r"%t", b"test_rows"), (r"%11t", b"  test_rows"), (r"%-11t", b"test_rows  "), (r"%011t", b"  test_rows"),
    (r"%.4t", b"test"), (r"%6.4t", b"  test"), (r"%-6.4t", b"test  "), (r"%.0t", b""), (r"%.t", b""), (r"%3t", b"test_rows"),
    (r"%C", b"text"), (r"%6C", b"  text"), (r"%.2C", b"te"), (r"%R", b"resp"), (r"%-6R|", b"resp  |"), (r"%.1R", b"r"),
    # bytes as they are
    (r"%D", b"co"), (r"%5D", b"co"), (r"%P", b"k:v k:w x:"), (r"%20P", b"k:v k:w x:"),
    # the payload: the width limits it, too
    (r"%p", b"\0\x9aHi"), (r"%6p", b"  \0\x9aHi"), (r"%06p", b"00\0\x9aHi"), (r"%-6p", b"\0\x9aHi  "), (r"%-06p", b"\0\x9aHi  "),
    (r"%3p", b"\0\x9aH"), (r"%-3p", b"\0\x9aH"), (r"%.2p", b"\0\x9aHi"), (r"%-p", b"\0\x9aHi"),
    # in hexadecimal digits: the width is in bytes where it limits, in digits where it fills up
    (r"%x", b"009a4869"), (r"%X", b"009A4869"), (r"%2x", b"009a"), (r"%010x", b"00009a4869"), (r"%10X", b"  009A4869"),
    (r"%-10x", b"009a4869  "), (r"%.2x", b"00 9a 48 69"), (r"%.4x", b"009a 4869"), (r"%.2:x", b"00:9a:48:69"),
    (r"%.3-X", b"009-A48-69"), (r"%.8x", b"009a4869"), (r"%.0x", b"009a4869"), (r"%012.4,x", b"0000,009a,4869"), (r"%2.2.x", b"00.9a"),
    # literal text and backslashes
    (r"a b{}", b"a b{}"), (r"\\", b"\\"), (r"\0", b"\0"), (r"\a", b"\x07"), (r"\e", b"\x1b"), (r"\n", b"\n"), (r"\r", b"\r"),
    (r"\t", b"\t"), (r"\v", b"\v"), (r"@@", b"@"),
]

# What prints something else each time.
PATTERNS = [
    (r"%I", rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}"), (r"%26I", rb"  \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}"),
    (r"%-26I", rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}  "), (r"%.10I", rb"\d{4}-\d\d-\d\d"), (r"%U", rb"\d{10}\.\d{9}"),
    (r"%30U", rb"\d{10}\.\d{9}"), (r"%m", rb"[1-9]\d*"), (r"%07m", rb"0\d{6}"), (r"%E", rb"\d{10}"), (r"%012E", rb"00\d{10}"),
    (r"@Y-@m-@dT@H:@M:@S.@N@z", rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}[+-]\d{4}"), (r"@j", rb"\d{3}"), (r"@s", rb"\d{10}"),
]

REFUSED = ["%", "%5", "%-", "%0", "%.", "%.2", "%.2:", "%z", "%5z", "%é", "@", "\\", "\\q", "\\x41", "text %", "%99999999999p"]


class Rows(BrokerTest):

    PROPERTIES = ["-V", "5", "-q", "1", "-D", "publish", "content-type", "text", "-D", "publish", "response-topic", "resp",
                  "-D", "publish", "correlation-data", "co", "-D", "publish", "message-expiry-interval", "4000000000",
                  "-D", "publish", "user-property", "k", "v", "-D", "publish", "user-property", "k", "w",
                  "-D", "publish", "user-property", "x", "", "-D", "publish", "payload-format-indicator", "1"]

    def retain(self, payload, *args):
        self.publish("-t", self.topic, "-r", "-s", *args, stdin=payload)

    def printed(self, text, *args):
        return self.receive("-V", "5", "-q", "1", "-t", self.topic, "-C", "1", "-N", "-F", text, *args)

    def test_rows(self):
        self.retain(b"\0\x9aHi", *self.PROPERTIES)
        out = self.printed("<:>".join(text for text, _ in ROWS), "-D", "subscribe", "subscription-identifier", "300")
        for (text, expected), found in zip(ROWS, out.split(b"<:>"), strict=True):
            with self.subTest(format=text):
                self.assertEqual(found, expected)

    def test_patterns(self):
        self.retain(b"x", *self.PROPERTIES)
        out = self.printed("<:>".join(text for text, _ in PATTERNS))
        for (text, expected), found in zip(PATTERNS, out.split(b"<:>"), strict=True):
            with self.subTest(format=text):
                self.assertIsNotNone(re.fullmatch(expected, found), found)

    def test_nothing_there(self):
        """What a message does not have leaves its place empty, as wide as it was asked to be."""
        self.retain(b"x")
        self.assertEqual(self.printed("%C|%3C|%R|%-2R|%D|%5D|%P|%5P|%E|%3E|%03E|%-2E|%F|%2F|%S|%02S|%A|%1A|%m|%3m", "-q", "0"),
                         b"|   |||  ||||||   |000|  ||  ||00|| |0|  0".replace(b"|   |||  |", b"|   ||  |", 1))

    def test_numbers(self):
        for pack, letter in (("d", "d"), ("f", "f")):
            self.retain(struct.pack(pack, -2.75))
            for layout, expected in (("", b"-2.750000"), (".1", b"-2.8"), ("12", b"   -2.750000"), ("012.2", b"-00000002.75"),
                                     ("-8.2", b"-2.75   "), (".0", b"-3")):
                with self.subTest(letter=letter, layout=layout):
                    self.assertEqual(self.printed(f"[%{layout}{letter}]"), b"[" + expected + b"]")

    def test_numbers_of_another_size(self):
        self.retain(b"12345")
        for letter in "df":
            done = self.sub("-t", self.topic, "-C", "1", "-F", f"[%{letter}]")
            self.assertEqual((done.returncode, done.stdout), (0, b"[]\n"))
            self.assertIn(self.topic.encode(), done.stderr)

    def test_refused(self):
        for text in REFUSED:
            with self.subTest(format=text):
                done = subprocess.run([SUB, "-t", "x", "-F", text], capture_output=True, timeout=PATIENCE_S, check=False)
                self.assertEqual((done.returncode, done.stdout), (1, b""))
                self.assertIn(b"-F", done.stderr)

    def test_json_object(self):
        """Names, order and kinds of the members."""
        self.retain(b'a"\\\x01\x08\x0c\n\r\t/\x7f', *self.PROPERTIES)
        out = self.printed("%j", "-D", "subscribe", "subscription-identifier", "300")
        self.assertIn(b'"payload":"a\\"\\\\\\u0001\\b\\f\\n\\r\\t/\x7f"}', out)
        message = json.loads(out)
        self.assertEqual(list(message), ["tst", "topic", "qos", "retain", "payloadlen", "mid", "properties", "payload"])
        self.assertRegex(message["tst"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d{4}$")
        self.assertEqual((message["topic"], message["qos"], message["retain"], message["payloadlen"]),
                         (self.topic, 1, True, 11))
        properties = message["properties"]
        self.assertEqual(properties.pop("user-properties"), [{"k": "v"}, {"k": "w"}, {"x": ""}])
        self.assertGreater(properties.pop("message-expiry-interval"), 3_999_999_000)
        self.assertEqual(properties, {"content-type": "text", "response-topic": "resp", "correlation-data": "co",
                                      "payload-format-indicator": 1, "subscription-identifier": 300})

    def test_json_object_without_extras(self):
        self.retain(b"[1]")
        for letter, payload in (("j", "[1]"), ("J", [1])):
            message = json.loads(self.printed(f"%{letter}", "-q", "0"))
            self.assertEqual(list(message), ["tst", "topic", "qos", "retain", "payloadlen", "payload"])
            self.assertEqual(message["payload"], payload)

    def test_json_numbers_and_order(self):
        text = (b'{"b": 1.0, "a": "\\u00e9", "a": [ 1e15, 123456789012345678, 1.10, -0.5, 999999999999999, 1e-7 ], "c": {}, "d": []}')
        self.retain(text)
        out = self.printed("%J")
        self.assertIn('"payload":{"b":1,"a":"é","a":[1e+15,1.2345678901234568e+17,1.1,-0.5,999999999999999,1e-07],"c":{},"d":[]}}'
                      .encode(), out)

    def test_pretty(self):
        self.retain(b'{"a":[1,2],"b":[{"x":1},{"y":2}],"c":[],"d":{}}')
        out = self.printed("%J", "--pretty").decode()
        self.assertTrue(out.endswith('"payload":\t{\n\t\t"a":\t[1, 2],\n\t\t"b":\t[{\n\t\t\t\t"x":\t1\n\t\t\t}, {\n\t\t\t\t"y":\t2\n'
                                     '\t\t\t}],\n\t\t"c":\t[],\n\t\t"d":\t{\n\t\t}\n\t}\n}'), out)

    def test_large_binary_payload(self):
        """A megabyte of bytes of all values, untouched by every way to print it."""
        payload = bytes(range(256)) * 4096
        self.retain(payload)
        self.assertEqual(self.printed("%p"), payload)
        self.assertEqual(self.printed("%x"), payload.hex().encode())
        self.assertEqual(self.receive("-t", self.topic, "-C", "1"), payload + b"\n")
        self.assertEqual(self.receive("-t", self.topic, "-C", "1", "-v"), self.topic.encode() + b" " + payload + b"\n")


if __name__ == "__main__":
    unittest.main()
