#!/usr/bin/env python3
"""The register of the normative statements of MQTT 5.0 and 3.1.1, held against the tree.

docs/conformance/statements.tsv lists every statement. A source line that fulfils one carries its
number in a comment, [MQTT-x.y.z-n] for 5.0 and [MQTT311-x.y.z-n] for 3.1.1; so does the test that
shows it. A statement of 3.1.1 that 5.0 repeats (column covered-by) needs no tags of its own. The
column reason says why a statement is not done here; if it begins with "But", the statement is done,
and this is the case in which it is not.

    conformance.py check             the register is whole, and no tag names an unknown statement
    conformance.py check --complete  and every statement is done and shown, or has a reason, and
                                     docs/conformance.md says so
    conformance.py missing           what is still open, by statement
    conformance.py write             writes docs/conformance.md
"""

import argparse
import csv
import os
import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

REGISTER = Path("docs/conformance/statements.tsv")
PAGE = Path("docs/conformance.md")
CODE_ROOTS = ("libmqtt", "apps")
TEST_ROOTS = ("tests",)
# The tags in there are examples.
NOT_SCANNED = ("tests/conformance",)
SUFFIXES = {".h", ".cpp", ".c", ".py", ".js", ".mjs", ".sh"}

COLUMNS = ["standard", "number", "subject", "paraphrase", "covered-by", "reason"]
SUBJECTS = {"server", "client", "both", "sender", "receiver"}
V5, V311 = "5.0", "3.1.1"
# Appendix B of each standard; the numbers of a section run without a gap.
COUNTS = {V5: 251, V311: 141}
# Numbers that the appendix leaves out.
WITHDRAWN = {(V5, "2.2.1-1")}

TAG = re.compile(r"\[MQTT(311)?-(\d+\.\d+\.\d+-\d+)\]")

SECTIONS = {
    V5: {
        "1.5": "Data representation", "2.1": "Fixed header", "2.2": "Variable header",
        "3.1": "CONNECT", "3.2": "CONNACK", "3.3": "PUBLISH", "3.4": "PUBACK", "3.5": "PUBREC",
        "3.6": "PUBREL", "3.7": "PUBCOMP", "3.8": "SUBSCRIBE", "3.9": "SUBACK",
        "3.10": "UNSUBSCRIBE", "3.11": "UNSUBACK", "3.12": "PINGREQ", "3.14": "DISCONNECT",
        "3.15": "AUTH", "4.1": "Session state", "4.2": "Network connections",
        "4.3": "Quality of service", "4.4": "Message delivery retry", "4.5": "Message receipt",
        "4.6": "Message ordering", "4.7": "Topic names and topic filters", "4.8": "Subscriptions",
        "4.9": "Flow control", "4.12": "Enhanced authentication", "4.13": "Handling errors",
        "6.0": "WebSocket",
    },
    V311: {
        "1.5": "Data representation", "2.2": "Fixed header", "2.3": "Variable header",
        "3.1": "CONNECT", "3.2": "CONNACK", "3.3": "PUBLISH", "3.6": "PUBREL", "3.8": "SUBSCRIBE",
        "3.9": "SUBACK", "3.10": "UNSUBSCRIBE", "3.12": "PINGREQ", "3.14": "DISCONNECT",
        "4.1": "Session state", "4.3": "Quality of service", "4.4": "Message delivery retry",
        "4.5": "Message receipt", "4.6": "Message ordering", "4.7": "Topic names and topic filters",
        "4.8": "Handling errors", "6.0": "WebSocket", "7.0": "Conformance",
        "7.1": "Conformance clauses",
    },
}


@dataclass(frozen=True, order=True)
class Place:
    """Where a tag stands. No line number: the page must not change with every edit above it."""

    file: str
    name: str  # the function, type, test case or row of a table around it; may be empty


@dataclass
class Statement:
    standard: str
    number: str
    subject: str
    paraphrase: str
    covered_by: list
    reason: str
    code: set = field(default_factory=set)
    tests: set = field(default_factory=set)

    @property
    def tag(self):
        return f"[MQTT-{self.number}]" if self.standard == V5 else f"[MQTT311-{self.number}]"

    @property
    def has_exception(self):
        """Done, but for the case that the reason tells."""
        return self.reason.startswith("But ")

    @property
    def section(self):
        return ".".join(self.number.split(".")[:2])


def read_register(root, problems):
    """The statements by (standard, number), in the order of the file."""
    statements = {}
    with open(root / REGISTER, encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        if next(rows, None) != COLUMNS:
            problems.append(f"{REGISTER}:1: the columns must be {', '.join(COLUMNS)}")
            return statements
        for line, row in enumerate(rows, start=2):
            if len(row) != len(COLUMNS):
                problems.append(f"{REGISTER}:{line}: {len(row)} columns, not {len(COLUMNS)}")
                continue
            standard, number, subject, paraphrase, covered_by, reason = row
            key = (standard, number)
            if standard not in COUNTS or not re.fullmatch(r"\d+\.\d+\.\d+-\d+", number):
                problems.append(f"{REGISTER}:{line}: no such standard or number: {standard} {number}")
                continue
            if key in statements:
                problems.append(f"{REGISTER}:{line}: {standard} {number} is listed twice")
            if subject not in SUBJECTS:
                problems.append(f"{REGISTER}:{line}: unknown subject '{subject}'")
            if not paraphrase:
                problems.append(f"{REGISTER}:{line}: {standard} {number} has no paraphrase")
            statements[key] = Statement(
                standard, number, subject, paraphrase, covered_by.split(), reason)
    check_register(statements, problems)
    return statements


def check_register(statements, problems):
    for standard, count in COUNTS.items():
        listed = [number for of, number in statements if of == standard]
        if len(listed) != count:
            problems.append(f"{REGISTER}: {len(listed)} statements of {standard}, not {count}")
        last = defaultdict(int)
        for number in listed:
            section, index = number.split("-")
            expected = last[section] + 1
            while (standard, f"{section}-{expected}") in WITHDRAWN:
                expected += 1
            if int(index) != expected:
                problems.append(f"{REGISTER}: {standard} {number} stands where "
                                f"{section}-{expected} belongs")
            last[section] = int(index)
            if ".".join(number.split(".")[:2]) not in SECTIONS[standard]:
                problems.append(f"{REGISTER}: {standard} {number} is of an unknown section")
    for statement in statements.values():
        if statement.covered_by and statement.standard == V5:
            problems.append(f"{REGISTER}: {statement.tag}: covered-by is for 3.1.1")
        for number in statement.covered_by:
            if (V5, number) not in statements:
                problems.append(f"{REGISTER}: {statement.tag}: 5.0 has no {number}")


def source_files(root, folders):
    for folder in folders:
        for directory, names, files in os.walk(root / folder):
            names[:] = sorted(n for n in names
                              if (Path(directory) / n).relative_to(root).as_posix() not in NOT_SCANNED)
            for name in sorted(files):
                if Path(name).suffix in SUFFIXES:
                    yield Path(directory) / name


def is_comment(line):
    return line.lstrip().startswith(("//", "#", "*", "/*"))


TEST_CASE = re.compile(r'^\s*(?:TEST_CASE|SCENARIO|TEST_CASE_METHOD|TEMPLATE_TEST_CASE)\b')
TABLE_ROW = re.compile(r'^\s+\{"((?:[^"\\]|\\.)+)",')
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
JS_TEST = re.compile(r"""^\s*(?:test|it)\(\s*(['"`])(.*?)\1""")
PYTHON_DEF = re.compile(r"^\s*(?:def|class)\s+(\w+)")
NOT_A_NAME = re.compile(r"(namespace|using|public|private|protected|extern)\b")
CPP_TYPE = re.compile(r"^(?:template\s*<.*>\s*)?(?:class|struct|enum(?: class)?|union)\s+(\w+)")
CPP_CALLABLE = re.compile(r"([\w~]+(?:::[~\w]+)*|operator[^\s(]+)\s*\(")
CPP_OBJECT = re.compile(r"(\w+)\s*(?:\[[^\]]*\]\s*)?(?:=|\{|;)")


def cpp_name(line):
    """What a line in the first column declares, or ''."""
    if not re.match(r"[A-Za-z_]", line) or NOT_A_NAME.match(line):
        return ""
    for pattern in (CPP_TYPE, CPP_CALLABLE, CPP_OBJECT):
        if match := pattern.search(line):
            return match.group(1)
    return ""


ENDS_SOMETHING = re.compile(r"(?:[{};]|\},)\s*(?://.*)?$")


def table_row_at(lines, index):
    """The title of the table row that the line belongs to, or ''. A row may take several lines, with
    the tag behind its last one."""
    for at in range(min(index, len(lines) - 1), -1, -1):
        if row := TABLE_ROW.match(lines[at]):
            return row.group(1)
        if at == 0 or ENDS_SOMETHING.search(lines[at - 1]):
            return ""
    return ""


def name_in_cpp(lines, index):
    target = index
    while target < len(lines) and (is_comment(lines[target]) or not lines[target].strip()
                                   or lines[target].startswith("template <")):
        target += 1
    if row := table_row_at(lines, target):
        return row
    for at in [target] + list(range(index, -1, -1)):
        if at >= len(lines):
            continue
        if TEST_CASE.match(lines[at]):
            title = QUOTED.search(" ".join(lines[at:at + 3]))
            return title.group(1) if title else ""
        # A closing brace in the first column ends whatever began above it.
        if at < index and re.match(r"\}", lines[at]):
            return ""
        if name := cpp_name(lines[at]):
            return name
    return ""


def name_in_script(lines, index):
    for at in range(index, -1, -1):
        if match := JS_TEST.match(lines[at]):
            return match.group(2)
        if match := PYTHON_DEF.match(lines[at]):
            return match.group(1)
    return ""


def scan(root, folders, statements, attribute, problems):
    for path in source_files(root, folders):
        text = path.read_text(encoding="utf-8", errors="replace")
        if "[MQTT" not in text:
            continue
        file = path.relative_to(root).as_posix()
        lines = text.splitlines()
        find_name = name_in_cpp if path.suffix in {".h", ".cpp", ".c"} else name_in_script
        for index, line in enumerate(lines):
            for match in TAG.finditer(line):
                key = (V311 if match.group(1) else V5, match.group(2))
                if key not in statements:
                    problems.append(f"{file}:{index + 1}: {match.group(0)} is not a statement of MQTT {key[0]}")
                    continue
                getattr(statements[key], attribute).add(Place(file, find_name(lines, index)))


def is_done(statement, statements):
    """Done and shown, or with a reason; a covered statement is as done as those that cover it."""
    if statement.reason and not statement.has_exception:
        return True
    if statement.code and statement.tests:
        return True
    return bool(statement.covered_by) and all(
        is_done(statements[(V5, number)], statements) for number in statement.covered_by)


def open_points(statements):
    points = []
    for statement in statements.values():
        not_done = statement.reason and not statement.has_exception
        if not_done and statement.code and statement.tests:
            points.append(f"{statement.tag} is done and shown: its reason in {REGISTER} is out of date")
        elif not is_done(statement, statements):
            if statement.covered_by and not statement.code and not statement.tests:
                continue  # said once, for the statement of 5.0
            lacks = [what for what, places in (("code", statement.code), ("test", statement.tests))
                     if not places]
            points.append(f"{statement.tag} ({statement.subject}) lacks {' and '.join(lacks)}: "
                          f"{statement.paraphrase}")
    return points


def escaped(text):
    return text.replace("|", "\\|").replace("<", "&lt;")


def place_list(places):
    by_file = defaultdict(list)
    for place in sorted(places):
        by_file[place.file].append(place.name)
    cells = []
    for file, names in by_file.items():
        link = f"[{Path(file).name}](../{file})"
        quoted = [f"“{escaped(n)}”" if " " in n else f"`{n}`" for n in names if n]
        cells.append(f"{link}: {', '.join(quoted)}" if quoted else link)
    return "<br>".join(cells)


def anchor(standard, number):
    return f"v{standard.replace('.', '')}-{number}"


def table_row(statement):
    done = place_list(statement.code)
    shown = place_list(statement.tests)
    if statement.reason:
        done = "<br>".join(filter(None, [done, f"*{escaped(statement.reason)}*"]))
    if statement.covered_by:
        same = "as 5.0: " + ", ".join(f"[{n}](#{anchor(V5, n)})" for n in statement.covered_by)
        done = "<br>".join(filter(None, [same, done]))
    number = f'<a id="{anchor(statement.standard, statement.number)}"></a>{statement.number}'
    return (f"| {number} | {escaped(statement.paraphrase)} | {statement.subject} "
            f"| {done or '**open**'} | {shown} |")


def count_table(statements):
    lines = ["| | statements | done and shown by a test | done, but for a case | not done, with a reason "
             "| open |",
             "|---|--:|--:|--:|--:|--:|"]
    for standard in COUNTS:
        of = [s for s in statements.values() if s.standard == standard]
        done = [s for s in of if is_done(s, statements)]
        but = [s for s in done if s.has_exception]
        reasons = [s for s in done if s.reason and not s.has_exception]
        lines.append(f"| MQTT {standard} | {len(of)} | {len(done) - len(but) - len(reasons)} "
                     f"| {len(but)} | {len(reasons)} | {len(of) - len(done)} |")
    return lines


def page(statements):
    lines = [
        "# Conformance",
        "",
        "Every normative statement of MQTT 5.0 and MQTT 3.1.1, by its number in Appendix B of the",
        "standard: a summary, who has to comply, the code that implements it, and the test that proves it,",
        "or why it does not apply, or in which case it is not met (*But …*). The numbers appear as tags such as",
        "`[MQTT-3.12.4-1]` in the code that implements them and in the tests; this page is generated from",
        "[conformance/statements.tsv](conformance/statements.tsv) and those tags by",
        "`cmake --build <build> --target conformance`, and a test compares.",
        "",
        *count_table(statements),
        "",
        "Compliance of the peer is often checked by the receiving side: “where” then names the code",
        "that rejects violations.",
    ]
    for standard in COUNTS:
        lines += ["", f"# MQTT {standard}"]
        if standard == V311:
            lines += ["", "Most statements recur in 5.0; they are implemented by the same code and proved by the same tests."]
        section = None
        for statement in statements.values():
            if statement.standard != standard:
                continue
            if statement.section != section:
                section = statement.section
                title = section.removesuffix(".0")
                lines += ["", f"## {title} {SECTIONS[standard].get(section, '')}", "",
                          "| number | what it asks | of | where | test |", "|---|---|---|---|---|"]
            lines.append(table_row(statement))
    return "\n".join(lines) + "\n"


def load(root):
    problems = []
    statements = read_register(root, problems)
    scan(root, CODE_ROOTS, statements, "code", problems)
    scan(root, TEST_ROOTS, statements, "tests", problems)
    return statements, problems


def check(root, complete):
    statements, problems = load(root)
    if complete:
        problems += open_points(statements)
        written = root / PAGE
        if not written.exists() or written.read_text(encoding="utf-8") != page(statements):
            problems.append(f"{PAGE} is not what the register and the tags say; "
                            "write it with: cmake --build <build> --target conformance")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["check", "missing", "write"])
    parser.add_argument("--complete", action="store_true")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2])
    arguments = parser.parse_args()

    if arguments.action == "check":
        found = check(arguments.root, arguments.complete)
    else:
        statements, found = load(arguments.root)
        if arguments.action == "missing":
            found += open_points(statements)
        else:
            (arguments.root / PAGE).write_text(page(statements), encoding="utf-8")
    for line in found:
        print(line)
    return 1 if found and arguments.action != "missing" else 0


if __name__ == "__main__":
    sys.exit(main())
