#!/usr/bin/env python3
"""The man page and the completions of a program name its options: all of them, and no others.

Usage: options_test.py <program> <man page> <root of the source tree>

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


def bash_options(root, name):
    """What the completion function of the program answers to a lone dash."""
    script = (f'source "{root}/completions/bash/{name}"; COMP_WORDS=({name} -); COMP_CWORD=1; '
              f'_{name.replace("-", "_")}; printf "%s\\n" "${{COMPREPLY[@]}}"')
    answer = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True,
                            check=True)
    return {word for word in answer.stdout.split() if word.startswith("-")}


def zsh_options(root, name):
    text = (root / "completions/zsh/_mqtt").read_text()
    call = re.search(rf"^  {name}\) _arguments -s (.*) ;;$", text, re.M)[1]
    options = set()
    for array in re.findall(r"\$(\w+)", call):
        body = re.search(rf"^{array}=\(\n(.*?)\n\)$", text, re.M | re.S)[1]
        for row in body.splitlines():
            row = re.sub(r"^\s*'(\([^)]*\)|\*)?'?", "", row)  # what excludes it, or "may be repeated"
            names = re.match(r"\{([^}]*)\}|([^\[]*)\[", row)
            options.update((names[1] or names[2]).split(","))
    return options


def fish_options(root, name):
    options = set()
    for line in (root / f"completions/fish/{name}.fish").read_text().splitlines():
        if line.startswith(f"complete -c {name} "):
            line = line.split(" -d ")[0]
            options.update("-" + letter for letter in re.findall(r" -s (\w)\b", line))
            options.update("--" + word for word in re.findall(r" -l (\S+)", line))
    return options


def main():
    program, page, root = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    name = os.path.basename(program)
    measure = help_options(program)
    assert len(measure) > 5, f"{name} --help names only {measure}"
    failed = False
    for place, options in (("man page", man_options(page)), ("bash", bash_options(root, name)),
                           ("zsh", zsh_options(root, name)), ("fish", fish_options(root, name))):
        for option in sorted(measure - options):
            failed = True
            print(f"{name}: {place}: {option} is missing")
        for option in sorted(options - measure):
            failed = True
            print(f"{name}: {place}: {option} is not an option of the program")
    return failed


if __name__ == "__main__":
    sys.exit(main())
