"""The commands of the README, run as they stand: each line ends, and succeeds.

They reach the test's broker in place of one on port 1883 by options files, which are where a user would put a port.
"""

import functools
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
SOURCE = pathlib.Path(os.environ["SOURCE"])
PROGRAMS = pathlib.Path(os.environ["PROGRAMS"])
sys.path.insert(0, str(SOURCE / "tests/peers"))

from broker_process import Broker, free_port  # noqa: E402

README = (SOURCE / "README.md").read_text()
PATIENCE_S = 60


def commands_below(heading):
    block = re.search(rf"^## {re.escape(heading)}\n.*?^```sh\n(.*?)^```", README, re.M | re.S)
    return block[1].splitlines()


class Terminal:
    """Runs the lines one after the other in one shell, as if they were pasted there, in a folder of its own."""

    def __init__(self, port=None):
        self.scratch = tempfile.TemporaryDirectory(prefix="mqtt-readme-")
        self.folder = pathlib.Path(self.scratch.name)
        if port:
            for program in ("mqtt-pub", "mqtt-sub"):
                (self.folder / program).write_text(f"-p {port}\n")

    def run(self, lines, end):
        """What each line printed, and its status; `end` stops what still runs in the background."""
        script = "\n".join(f'{line}\nprintf "\\n\\036%d\\036" $?' for line in lines) + f"\n{end}\n"
        environment = dict(os.environ, PATH=f"{PROGRAMS}:{os.environ['PATH']}", XDG_CONFIG_HOME=str(self.folder))
        done = subprocess.run(["bash", "-m", "-c", script], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE_S, check=False)
        parts = done.stdout.split("\036")
        return list(zip(parts[0::2], map(int, parts[1::2])))


class Commands(unittest.TestCase):
    def check(self, lines, results):
        self.assertEqual(len(results), len(lines))
        for line, (output, status) in zip(lines, results):
            self.assertEqual(status, 0, f"{line}\n{output}")
        return {line: output for line, (output, status) in zip(lines, results)}

    def test_a_first_pipeline(self):
        lines = commands_below("A first pipeline")
        with Broker() as broker:
            terminal = Terminal(broker.port)
            with terminal.scratch:
                results = self.check(lines, terminal.run(lines, "kill %1; wait"))
                printed = "".join(results.values())
                self.assertIn("sensors/kitchen 21.5\n", printed)
                self.assertIn('{"topic":"sensors/attic","temp":31}', printed)
                self.assertIn("3 retained messages would be removed.", printed)
                self.assertEqual(len((terminal.folder / "three-lines.txt").read_text().splitlines()), 3)
                self.assertGreater((terminal.folder / "day.mqttrec").stat().st_size, 0)

    def test_users_and_tls(self):
        port = str(free_port())
        lines = commands_below("Users and TLS in five commands")
        self.assertEqual(len(lines), 5)
        # On a busy machine the broker may need longer than the second that a reader gives it.
        until_it_listens = f"until (exec 3<>/dev/tcp/localhost/{port}) 2>&-; do sleep 0.1; done"
        here = [line.replace("8883", port).replace("sleep 1", until_it_listens) for line in lines]
        self.assertIn(until_it_listens, here[-2])
        terminal = Terminal()
        with terminal.scratch:
            results = self.check(here, terminal.run(here, "kill %1; wait"))
            self.assertRegex(results[here[-1]], r"mqtt-broker version \d")


@functools.cache
def anchors_of(document):
    """The names that a link into a document may end in: its headings as GitHub names them, and its own anchors."""
    text = document.read_text()
    headings = (re.sub(r"[`*]", "", heading).lower() for heading in re.findall(r"^#+ (.*)$", text, re.M))
    return ({re.sub(r"[^\w -]", "", heading).replace(" ", "-") for heading in headings}
            | set(re.findall(r'<a id="([^"]+)">', text)))


class Links(unittest.TestCase):
    def test_every_link_leads_to_a_file_and_a_heading(self):
        broken = []
        for document in [*SOURCE.glob("*.md"), *SOURCE.glob("docs/*.md"), SOURCE / "examples/README.md"]:
            text = re.sub(r"^    [^\n]*|^```.*?^```|`[^`\n]*`", "", document.read_text(), flags=re.M | re.S)
            for path, anchor in re.findall(r"\]\((?!\w+:)([^)#]*)#?([^)]*)\)", text):
                target = document.parent / path if path else document
                if not target.exists() or anchor and anchor not in anchors_of(target):
                    broken.append(f"{document.name}: {path}#{anchor}")
        self.assertEqual(broken, [])


if __name__ == "__main__":
    unittest.main()
