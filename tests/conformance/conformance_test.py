"""Tests of conformance.py on small trees of their own."""

import tempfile
import unittest
from pathlib import Path
from unittest import mock

import conformance

REGISTER = "\n".join([
    "\t".join(conformance.COLUMNS),
    "5.0\t3.1.0-1\tclient\tFirst thing\t\t",
    "5.0\t3.1.0-2\tserver\tSecond thing\t\t",
    "3.1.1\t3.1.0-1\tclient\tFirst thing\t3.1.0-1\t",
    "3.1.1\t3.1.0-2\tserver\tOnly here\t\t",
]) + "\n"


class Tree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.write(conformance.REGISTER, REGISTER)
        counts = mock.patch.dict(conformance.COUNTS, {"5.0": 2, "3.1.1": 2})
        counts.start()
        self.addCleanup(counts.stop)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def write_page(self):
        statements, _ = conformance.load(self.root)
        self.write(conformance.PAGE, conformance.page(statements))

    def fulfil_all(self):
        self.write("libmqtt/a.cpp", "int first() {\n  return 1;  // [MQTT-3.1.0-1]\n}\n\n"
                                    "// [MQTT-3.1.0-2] [MQTT311-3.1.0-2]\nvoid second() {}\n")
        self.write("tests/a.cpp", 'TEST_CASE("all of it") {\n  // [MQTT-3.1.0-1] [MQTT-3.1.0-2]\n}\n'
                                  'TEST_CASE("the old one", "[MQTT311-3.1.0-2]") {}\n')
        self.write_page()

    def problems(self, complete=True):
        return "\n".join(conformance.check(self.root, complete))

    def test_a_fulfilled_register_has_no_problem(self):
        self.fulfil_all()
        self.assertEqual(self.problems(), "")

    def test_places_are_named_by_function_and_test_case(self):
        self.fulfil_all()
        statements, _ = conformance.load(self.root)
        first, second = statements[("5.0", "3.1.0-1")], statements[("5.0", "3.1.0-2")]
        self.assertEqual({p.name for p in first.code}, {"first"})
        self.assertEqual({p.name for p in second.code}, {"second"})
        self.assertEqual({p.name for p in second.tests}, {"all of it"})
        self.assertEqual({p.name for p in statements[("3.1.1", "3.1.0-2")].tests}, {"the old one"})

    def test_a_row_of_a_table_is_named_by_its_first_text(self):
        self.write("tests/table.cpp", "const Row rows[] = {\n    // [MQTT-3.1.0-1]\n"
                                      '    {"first row", 1},\n    {"second row", 2},\n};\n')
        statements, _ = conformance.load(self.root)
        self.assertEqual({p.name for p in statements[("5.0", "3.1.0-1")].tests}, {"first row"})

    def test_a_row_may_take_several_lines(self):
        self.write("tests/table.cpp", 'const Row rows[] = {\n    {"a row",\n     1},  // [MQTT-3.1.0-1]\n'
                                      '    {"another row", 2},\n};\n'
                                      'TEST_CASE("a case") {\n  check();  // [MQTT-3.1.0-2]\n}\n')
        statements, _ = conformance.load(self.root)
        self.assertEqual({p.name for p in statements[("5.0", "3.1.0-1")].tests}, {"a row"})
        self.assertEqual({p.name for p in statements[("5.0", "3.1.0-2")].tests}, {"a case"})

    def test_open_statements_are_said_once(self):
        self.write_page()
        problems = self.problems()
        self.assertIn("[MQTT-3.1.0-1] (client) lacks code and test", problems)
        self.assertIn("[MQTT311-3.1.0-2] (server) lacks code and test", problems)
        self.assertNotIn("[MQTT311-3.1.0-1]", problems)

    def test_code_alone_does_not_do(self):
        self.write("apps/a.cpp", "int x;  // [MQTT-3.1.0-1]\n")
        self.write_page()
        self.assertIn("[MQTT-3.1.0-1] (client) lacks test", self.problems())

    def test_a_reason_does(self):
        self.fulfil_all()
        self.write(conformance.REGISTER, REGISTER.replace("Only here\t\t", "Only here\t\tNot ours."))
        self.write("libmqtt/a.cpp", (self.root / "libmqtt/a.cpp").read_text().replace("[MQTT311-3.1.0-2]", ""))
        self.write_page()
        self.assertEqual(self.problems(), "")

    def test_a_reason_for_what_is_done_is_out_of_date(self):
        self.fulfil_all()
        self.write(conformance.REGISTER, REGISTER.replace("Only here\t\t", "Only here\t\tNot ours."))
        self.assertIn("[MQTT311-3.1.0-2] is done and shown", self.problems())

    def test_what_is_done_but_for_a_case_says_so(self):
        self.fulfil_all()
        self.write(conformance.REGISTER, REGISTER.replace("Only here\t\t", "Only here\t\tBut not on Sundays."))
        self.write_page()
        self.assertEqual(self.problems(), "")
        page = (self.root / conformance.PAGE).read_text(encoding="utf-8")
        self.assertIn("*But not on Sundays.*", page)
        self.assertIn("| MQTT 3.1.1 | 2 | 1 | 1 | 0 | 0 |", page)

    def test_a_case_that_is_not_done_does_not_do_for_the_rest(self):
        self.write(conformance.REGISTER, REGISTER.replace("Only here\t\t", "Only here\t\tBut not on Sundays."))
        self.write_page()
        self.assertIn("[MQTT311-3.1.0-2] (server) lacks code and test", self.problems())

    def test_an_unknown_number_is_a_problem_of_every_check(self):
        self.write("libmqtt/a.cpp", "\n// [MQTT-9.9.9-9]\n")
        self.assertIn("libmqtt/a.cpp:2: [MQTT-9.9.9-9]", self.problems(complete=False))

    def test_an_old_page_is_a_problem(self):
        self.fulfil_all()
        self.write("tests/b.cpp", 'TEST_CASE("more") {}  // [MQTT-3.1.0-1]\n')
        self.assertIn("docs/conformance.md", self.problems())

    def test_an_edit_above_a_tag_leaves_the_page_as_it_is(self):
        self.fulfil_all()
        self.write("libmqtt/a.cpp", "\n\n" + (self.root / "libmqtt/a.cpp").read_text())
        self.assertEqual(self.problems(), "")

    def test_gaps_and_strangers_in_the_register_are_problems(self):
        for before, after in (("3.1.0-2", "3.1.0-3"), ("client\tFirst", "nobody\tFirst"),
                              ("\t3.1.0-1\t\n", "\t3.1.0-7\t\n"), ("5.0\t3.1.0-2\tserver\tSecond thing\t\t\n", "")):
            with self.subTest(after=after):
                self.assertIn(before, REGISTER)
                self.write(conformance.REGISTER, REGISTER.replace(before, after, 1))
                self.assertNotEqual(self.problems(complete=False), "")


if __name__ == "__main__":
    unittest.main()
