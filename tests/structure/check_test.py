#!/usr/bin/env python3
"""Shows that check.py complains: each test builds a small tree, good but for one thing."""

import pathlib
import re
import tempfile
import unittest

import check
import rooms


class CheckTest(unittest.TestCase):

    def findings(self, files):
        with tempfile.TemporaryDirectory() as root:
            for name, text in files.items():
                path = pathlib.Path(root, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return check.findings(root)

    def assert_complains(self, files, pattern):
        found = self.findings(files)
        self.assertEqual(len(found), 1, found)
        self.assertRegex(found[0], pattern)

    def test_a_tree_in_order_has_no_findings(self):
        self.assertEqual(self.findings({
            "libmqtt/include/mqtt/protocol/qos.h": "#pragma once\n#include <cstdint>\n",
            "libmqtt/include/mqtt/io/loop.h":
                '#pragma once\n#include <uv.h>\n#include "mqtt/protocol/qos.h"\n',
            "apps/broker/session/session.h":
                '#pragma once\n#include "routing/router.h"\n// [MQTT-3.3.1-5]\n',
            "apps/broker/routing/router.h": '#pragma once\n#include "message/message.h"\n',
            "apps/broker/message/message.h": '#pragma once\n#include "mqtt/protocol/qos.h"\n',
            "tests/broker/session/session_test.cpp":
                '#include "session/session.h"\n#include <catch2/catch.hpp>\n',
        }), [])

    def test_a_room_that_includes_a_room_below_the_line_is_found(self):
        self.assert_complains({
            "apps/broker/net/connection.h": "#pragma once\n",
            "apps/broker/session/session.h": '#pragma once\n#include "net/connection.h"\n',
        }, r"^apps/broker/session/session\.h:2: broker/session must not include broker/net")

    def test_the_protocol_includes_no_other_room(self):
        self.assert_complains({
            "libmqtt/include/mqtt/io/loop.h": "#pragma once\n",
            "libmqtt/src/protocol/decode.cpp": "#include <mqtt/io/loop.h>\n",
        }, r"decode\.cpp:1: libmqtt/protocol must not include libmqtt/io")

    def test_the_library_includes_no_program(self):
        self.assert_complains({
            "apps/broker/message/message.h": "#pragma once\n",
            "libmqtt/src/client/client.cpp": '#include "message/message.h"\n',
        }, r"libmqtt/client must not include broker/message")

    def test_a_library_that_a_room_may_not_use_is_found(self):
        self.assert_complains({"libmqtt/src/protocol/decode.cpp": "#include <uv.h>\n"},
                              r"libmqtt/protocol must not use uv")
        self.assert_complains({"apps/broker/config/config.cpp": "#include <mutex>\n"},
                              r"broker/config must not use threads")

    def test_a_library_that_nobody_declared_is_found(self):
        self.assert_complains({"apps/broker/main.cpp": "#include <boost/asio.hpp>\n"},
                              r"<boost/asio\.hpp> belongs to no library")

    def test_a_file_that_does_not_exist_is_found(self):
        self.assert_complains({"apps/broker/main.cpp": '#include "broker.h"\n'},
                              r"no file of the tree is called broker\.h")

    def test_a_room_that_nobody_declared_is_found(self):
        self.assert_complains({"apps/broker/cluster/node.cpp": "\n"},
                              r"the room broker/cluster is not in rooms\.py")

    def test_a_clock_in_the_protocol_is_found(self):
        self.assert_complains(
            {"libmqtt/src/protocol/keepalive.cpp": "auto t = Clock::now();  // now()\n"},
            r"keepalive\.cpp:1: libmqtt/protocol must not read a clock")

    def test_an_include_cycle_is_found(self):
        self.assert_complains({
            "apps/broker/net/a.h": '#pragma once\n#include "net/b.h"\n',
            "apps/broker/net/b.h": '#pragma once\n#include "c.h"\n',
            "apps/broker/net/c.h": '#pragma once\n#include "net/a.h"\n',
        }, r"a\.h -> apps/broker/net/b\.h -> apps/broker/net/c\.h -> apps/broker/net/a\.h")

    def test_leftovers_are_found_in_any_text_file(self):
        for word in ("TO" + "DO", "FIX" + "ME", "X" * 3):
            self.assert_complains({"docs/threads.md": f"One line.\n{word}: another\n"},
                                  rf"docs/threads\.md:2: {word} left over")
        self.assertEqual(self.findings({"docs/threads.md": "mkstemp(\"" + "X" * 6 + "\")\n"}), [])

    def test_empty_names_are_found_in_files_and_folders(self):
        self.assert_complains({"apps/broker/net/util.cpp": "\n"}, "“util” names no job")
        self.assert_complains({"tests/helpers/clock.cpp": "\n"}, "“helpers” names no job")
        self.assert_complains({"apps/broker/session/session_manager.cpp": "\n"}, "“manager”")

    def test_a_source_file_that_is_too_long_is_found(self):
        longest = "\n" * rooms.LONGEST_SOURCE_FILE
        self.assertEqual(self.findings({"apps/broker/main.cpp": longest}), [])
        self.assert_complains({"apps/broker/main.cpp": longest + "\n"}, r"main\.cpp:\d+: longer than")
        self.assertEqual(self.findings({"tests/broker/table.cpp": longest + "\n"}), [])

    def test_a_header_without_pragma_once_is_found(self):
        self.assert_complains({"tests/support/clock.h": "int x;\n"}, r"clock\.h:1: no #pragma once")

    def test_a_statement_that_does_not_exist_is_found(self):
        for bad in ("MQTT-3.3.1-14", "MQTT-2.2.1-1", "MQTT-3.3.1", "MQTT-3.3.1-5a", "MQTT311-9.0.0-1"):
            self.assert_complains({"apps/broker/main.cpp": f"// [{bad}]\n"},
                                  rf"main\.cpp:1: there is no statement {re.escape(bad)}")

    def test_a_row_that_looks_up_is_found(self):
        table = dict(rooms.ROOMS)
        try:
            rooms.ROOMS["libmqtt/protocol"] = ("libmqtt/io", "")
            self.assert_complains({}, "libmqtt/protocol may include libmqtt/io")
        finally:
            rooms.ROOMS.clear()
            rooms.ROOMS.update(table)

    def test_permissions_that_no_include_uses_are_found(self):
        table = dict(rooms.ROOMS)
        try:
            rooms.ROOMS.clear()
            rooms.ROOMS.update({"libmqtt/protocol": ("", "expected uv"),
                                "libmqtt/io": ("libmqtt/protocol", "uv"), "broker": ("", "")})
            with tempfile.TemporaryDirectory() as root:
                for name, text in {"libmqtt/include/mqtt/protocol/qos.h": "#include <tl/expected.hpp>\n",
                                   "libmqtt/src/io/loop.cpp": "#include <uv.h>\n"}.items():
                    path = pathlib.Path(root, name)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text, encoding="utf-8")
                found = list(check.check_permissions_are_used(check.Tree(root)))
            self.assertEqual(found, ["rooms.py:1: libmqtt/protocol may use uv, and does not",
                                     "rooms.py:1: libmqtt/io may use libmqtt/protocol, and does not",
                                     "rooms.py:1: there is no room broker"])
        finally:
            rooms.ROOMS.clear()
            rooms.ROOMS.update(table)


if __name__ == "__main__":
    unittest.main()
