#!/usr/bin/env python3
"""The man page of a program names its options: all of them, and no others.

Usage: options_test.py <program> <man page>

The program's own --help, which is printed from the definitions that parse the command line, is the
measure.
"""

import os
import pathlib
import re
import subprocess
import sys


def help_options(*command):
    """The options of the program, those of its commands among them if it has some."""
    text = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True).stdout
    options = set()
    for line in text.splitlines():
        if match := re.match(r"  (-\S+)", line):
            options.update(match[1].split(","))
    if commands := re.search(r"^Commands:\n(.*?)\n\n", text, re.M | re.S):
        for name in re.findall(r"^  (\w+) ", commands[1], re.M):
            options |= help_options(*command, name)
    return options


def man_options(page):
    """The options that begin an item of a list, in a page written in mdoc or in man macros."""
    options = set()
    lines = pathlib.Path(page).read_text().splitlines()
    for before, line in zip([""] + lines, lines):
        if line.startswith(".It Fl "):
            options.update("-" + name for name in re.findall(r"\bFl (\S+)", line))
        elif before == ".TP":
            plain = re.sub(r"\\f.", "", line).replace("\\-", "-")
            options.update(re.findall(r"(?:^|, )(-[-\w]+)", plain))
    return options


def main():
    program, page = sys.argv[1], sys.argv[2]
    name = os.path.basename(program)
    measure, options = help_options(program), man_options(page)
    assert len(measure) > 5, f"{name} --help names only {measure}"
    for option in sorted(measure - options):
        print(f"{name}: man page: {option} is missing")
    for option in sorted(options - measure):
        print(f"{name}: man page: {option} is not an option of the program")
    return measure != options


if __name__ == "__main__":
    sys.exit(main())
