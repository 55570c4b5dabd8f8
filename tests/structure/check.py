#!/usr/bin/env python3
"""Checks that the source tree keeps its structure. Usage: check.py [root of the tree]

Prints one line per finding, `file:line: what is wrong`, and fails if there are any.
"""

import os
import pathlib
import re
import sys

import rooms

HERE = pathlib.Path(__file__).resolve().parent
SOURCE_ENDINGS = {".h", ".cpp"}
NOT_OURS = {".git", "build", "dist", "node_modules", "__pycache__", ".cache"}

# Put together here, so that this file does not find itself.
LEFTOVER = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)) + r")\b")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
STATEMENT = re.compile(r"\b(MQTT(?:311)?-[0-9][0-9A-Za-z.-]*)")


class Tree:
    """The files of a source tree, each as a path relative to the root with `/`, and its lines."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.files = {}
        for folder, folders, names in os.walk(self.root):
            folders[:] = sorted(f for f in folders if f not in NOT_OURS)
            for name in sorted(names):
                path = pathlib.Path(folder, name)
                text = read_text(path)
                if text is not None:
                    self.files[path.relative_to(self.root).as_posix()] = text.splitlines()

    def product_sources(self):
        return [f for f in self.files if f.startswith(("libmqtt/", "apps/")) and is_source(f)]


def read_text(path):
    """The file's text, or None where it is not text (fuzz corpora, pictures)."""
    try:
        return path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, OSError):
        return None


def is_source(file):
    return pathlib.PurePosixPath(file).suffix in SOURCE_ENDINGS


def room_of(file):
    """The room a product file belongs to, by its path alone; None for build files, examples, tests."""
    parts = file.split("/")
    if parts[:3] == ["libmqtt", "include", "mqtt"] and len(parts) > 4:
        return "libmqtt/" + parts[3]
    if parts[:2] == ["libmqtt", "src"] and len(parts) > 3:
        return "libmqtt/" + parts[2]
    if parts[0] == "apps" and len(parts) > 2:
        return "/".join(parts[1:-1])
    return None


def includes_of(tree, file):
    """Yields (line number, the file of the tree or None, the name as written, in quotes?)."""
    roots = [file.rsplit("/", 1)[0], "libmqtt/include", "libmqtt/src", "apps/broker", "apps", "tests"]
    for number, line in enumerate(tree.files[file], 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        name = match[1] or match[2]
        paths = [os.path.normpath(root + "/" + name).replace(os.sep, "/") for root in roots]
        target = next((path for path in paths if path in tree.files), None)
        yield number, target, name, match[1] is not None


def library_of(name):
    return next((library for library, pattern in rooms.LIBRARIES if re.fullmatch(pattern, name)), None)


def check_table(_tree):
    seen = set()
    for room, (inner, _) in rooms.ROOMS.items():
        for other in inner.split():
            if other not in seen:
                yield f"rooms.py:1: {room} may include {other}, which does not stand above it"
        seen.add(room)


def check_rooms(tree):
    for file in tree.product_sources():
        room = room_of(file)
        if room is None:
            continue
        if room not in rooms.ROOMS:
            yield f"{file}:1: the room {room} is not in rooms.py"
            continue
        inner, libraries = (set(cell.split()) for cell in rooms.ROOMS[room])
        for number, target, name, quoted in includes_of(tree, file):
            if target is not None:
                other = room_of(target)
                if other != room and other not in inner:
                    yield f"{file}:{number}: {room} must not include {other or target} ({name})"
            elif quoted:
                yield f"{file}:{number}: no file of the tree is called {name}"
            else:
                library = library_of(name)
                if library is None:
                    yield f"{file}:{number}: <{name}> belongs to no library of rooms.py"
                elif library != "standard" and library not in libraries:
                    yield f"{file}:{number}: {room} must not use {library} (<{name}>)"


def check_permissions_are_used(tree):
    """What no include needs, no row allows: the table says what is, not what could be. Of a whole tree."""
    used = {}
    for file in tree.product_sources():
        room = room_of(file)
        for _, target, name, quoted in includes_of(tree, file):
            used.setdefault(room, set()).add(room_of(target) if target is not None else library_of(name))
    for room, cells in rooms.ROOMS.items():
        if room not in used:
            yield f"rooms.py:1: there is no room {room}"
            continue
        for allowed in " ".join(cells).split():
            if allowed not in used[room]:
                yield f"rooms.py:1: {room} may use {allowed}, and does not"


def check_no_clock_in_protocol(tree):
    """Time is an argument there; a call of a clock would make it an input nobody can test."""
    for file in tree.product_sources():
        if room_of(file) == "libmqtt/protocol":
            for number, line in enumerate(tree.files[file], 1):
                if re.search(r"\bnow\s*\(\s*\)", line.split("//")[0]):
                    yield f"{file}:{number}: libmqtt/protocol must not read a clock"


def check_cycles(tree):
    sources = [f for f in tree.files if is_source(f)]
    edges = {f: [t for _, t, _, _ in includes_of(tree, f) if t is not None] for f in sources}
    done = set()

    def walk(file, trail):
        if file in trail:
            cycle = trail[trail.index(file):] + [file]
            yield f"{file}:1: includes itself: " + " -> ".join(cycle)
        elif file not in done:
            for target in edges.get(file, []):
                yield from walk(target, trail + [file])
            done.add(file)

    for file in sources:
        yield from walk(file, [])


def check_leftovers(tree):
    for file, lines in tree.files.items():
        for number, line in enumerate(lines, 1):
            match = LEFTOVER.search(line)
            if match:
                yield f"{file}:{number}: {match[1]} left over"


def check_names(tree):
    empty = set(rooms.EMPTY_NAMES.split())
    for file in tree.files:
        words = re.split(r"[/._-]", file.lower())
        for word in sorted(empty.intersection(words)):
            yield f"{file}:1: “{word}” names no job"


def check_lengths(tree):
    for file in tree.product_sources():
        length = len(tree.files[file])
        if length > rooms.LONGEST_SOURCE_FILE:
            yield f"{file}:{length}: longer than {rooms.LONGEST_SOURCE_FILE} lines"


def check_pragma_once(tree):
    for file, lines in tree.files.items():
        if file.endswith(".h") and "#pragma once" not in lines:
            yield f"{file}:1: no #pragma once"


def check_statements(tree):
    known = normative_statements()
    for file, lines in tree.files.items():
        if not is_source(file):
            continue
        for number, line in enumerate(lines, 1):
            for match in STATEMENT.finditer(line):
                if match[1].rstrip(".-") not in known:
                    yield f"{file}:{number}: there is no statement {match[1]}"


def normative_statements():
    """Every number in the register of normative statements, written as the tags in sources are."""
    register = HERE.parent.parent / "docs/conformance/statements.tsv"
    rows = [line.split("\t") for line in register.read_text(encoding="utf-8").splitlines()[1:]]
    tags = {"5.0": "MQTT-", "3.1.1": "MQTT311-"}
    return {tags[row[0]] + row[1] for row in rows}


CHECKS = [
    check_table, check_rooms, check_no_clock_in_protocol, check_cycles, check_leftovers, check_names,
    check_lengths, check_pragma_once, check_statements,
]


def findings(root):
    tree = Tree(root)
    return [finding for check in CHECKS for finding in check(tree)]


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else HERE.parent.parent
    found = findings(root) + list(check_permissions_are_used(Tree(root)))
    for finding in found:
        print(finding)
    print(f"structure: {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
