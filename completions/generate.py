#!/usr/bin/env python3
"""Writes the completions of all programs for bash, zsh and fish, from what the programs say of themselves.

    completions/generate.py FOLDER_OF_THE_PROGRAMS            writes completions/<shell>/
    completions/generate.py FOLDER_OF_THE_PROGRAMS --check    says which files are not up to date

The files are kept in the tree, so that who builds and installs needs no Python. A test checks them.
"""

import pathlib
import sys

sys.dont_write_bytecode = True

from generator import bash, fish, zsh  # noqa: E402
from generator.program import read_program  # noqa: E402

PROGRAMS = "mqtt-broker mqtt-passwd mqtt-pub mqtt-sub mqtt-rr mqtt-bench".split()
FILES = {"bash/{}": bash, "zsh/_{}": zsh, "fish/{}.fish": fish}


def main():
    folder = pathlib.Path(sys.argv[1])
    check = sys.argv[2:] == ["--check"]
    here = pathlib.Path(__file__).parent
    stale = []
    for name in PROGRAMS:
        program = read_program(folder / name)
        for pattern, shell in FILES.items():
            path = here / pattern.format(name)
            text = shell.completion(program)
            if check and (not path.exists() or path.read_text() != text):
                stale.append(path)
            elif not check:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text)
    for path in stale:
        print(f"{path} is not what the program says; run completions/generate.py {folder}")
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())
