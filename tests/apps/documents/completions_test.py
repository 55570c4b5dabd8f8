"""The completions: written from the programs' own help, true to what the programs accept, and used by real shells.

The environment says where things are: PROGRAMS is the folder of the programs, SOURCE the source tree,
BROKER the broker. A shell that is not installed is skipped.
"""

import os
import pathlib
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

sys.dont_write_bytecode = True
SOURCE = pathlib.Path(os.environ["SOURCE"])
PROGRAMS = pathlib.Path(os.environ["PROGRAMS"])
sys.path[:0] = [str(SOURCE / "completions"), str(SOURCE / "tests/peers")]

from generator.program import BEGINNINGS, CHOICES, PROPERTIES, read_program  # noqa: E402
from generate import PROGRAMS as NAMES  # noqa: E402

from broker_process import PATIENCE_S, Broker  # noqa: E402


class WrittenFiles(unittest.TestCase):
    def test_they_are_what_the_programs_say(self):
        done = subprocess.run([sys.executable, "-B", SOURCE / "completions/generate.py", PROGRAMS, "--check"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.stdout + done.stderr, "")

    def test_every_option_is_read_from_the_help(self):
        for name in NAMES:
            program = read_program(PROGRAMS / name)
            text = subprocess.run([PROGRAMS / name, "--help"], capture_output=True, text=True, check=True).stdout
            read = {option.names[0] for option in program.options}
            if not program.commands:
                self.assertEqual(read, set(re.findall(r"^  (-[^\s,]+)", text, re.M)), name)
            for command in program.commands.values():
                self.assertGreater(len(command.options), 5, command.name)


class ValuesThatAreOffered(unittest.TestCase):
    """mqtt-pub, mqtt-sub, mqtt-rr and mqtt-passwd are run without what they need, so that they end at once."""

    def error(self, program, *arguments):
        done = subprocess.run([PROGRAMS / program, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=PATIENCE_S, check=False,
                              env=dict(os.environ, XDG_CONFIG_HOME="/nonexistent"))
        self.assertEqual(done.returncode, 1, done.stderr)
        return done.stderr.splitlines()[0]

    def options(self):
        for name in ("mqtt-pub", "mqtt-sub", "mqtt-rr", "mqtt-passwd"):
            for option in read_program(PROGRAMS / name).options:
                yield name, option

    def test_the_programs_take_them_and_name_all_of_them(self):
        seen = set()
        for name, option in self.options():
            if not option.choice:
                continue
            seen.add(option.choice)
            with self.subTest(program=name, option=option.long):
                refusal = self.error(name, option.names[0], "nonsense")
                self.assertRegex(refusal, rf"^Error: \S*{option.long}\S*:")
                for word in option.words:
                    self.assertRegex(refusal, rf"\b{re.escape(word)}\b")
                    self.assertNotIn(f"{option.long}:", self.error(name, option.names[0], word))
        self.assertEqual(seen, set(CHOICES), "words for options that are gone")

    def test_no_option_with_a_choice_of_words_is_forgotten(self):
        word = r'[\w.-]+'
        choice = re.compile(rf'"nonsense" is (?:not|neither|none of|not one of) ({word}(?:(?:, | or | nor | and ){word})+)\.$')
        for name, option in self.options():
            # With a topic or a URL a program would go on, to a broker.
            if option.kind == "text" and len(option.values) == 1:
                refusal = self.error(name, option.names[0], "nonsense")
                self.assertIsNone(choice.search(refusal), f"{name}: CHOICES lacks {option.long}: {refusal}")

    def test_urls_begin_as_the_programs_take_them(self):
        for name, option in self.options():
            if option.long in BEGINNINGS and name != "mqtt-passwd":
                for beginning in option.words:
                    self.assertIn(beginning, self.error(name, option.long, "nonsense"))

    def test_every_property_is_known_to_the_programs(self):
        for packet, properties in PROPERTIES.items():
            self.assertIn(packet, self.error("mqtt-sub", "-D", "nonsense", "x", "y"))
            for name in properties.split():
                self.assertNotIn("is not a property", self.error("mqtt-sub", "-D", packet, name, "\1"))


def bash(line, environment, folder):
    """As bash calls the function: the words split as it splits them."""
    program = line.split()[0]
    script = r"""
      source "$1"; program=$2; COMP_LINE=$3; COMP_POINT=${#3}; COMP_TYPE=9 COMP_WORDS=()
      for word in $3; do
        while [[ $word =~ ^([^=:@]*)([=:@]+)(.*)$ ]]; do
          [[ ! ${BASH_REMATCH[1]} ]] || COMP_WORDS+=("${BASH_REMATCH[1]}")
          COMP_WORDS+=("${BASH_REMATCH[2]}"); word=${BASH_REMATCH[3]}
        done
        [[ ! $word ]] || COMP_WORDS+=("$word")
      done
      case $3 in *' ' | *= | *:) COMP_WORDS+=('') ;; esac
      COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
      $(complete -p "$program" | sed 's/.*-F \([^ ]*\).*/\1/')
      ((! ${#COMPREPLY[@]})) || printf '%s\n' "${COMPREPLY[@]}" """
    done = subprocess.run(["bash", "--norc", "-c", script, "bash", SOURCE / "completions/bash" / program, program, line],
                          capture_output=True, text=True, env=environment, cwd=folder, check=True, timeout=PATIENCE_S)
    assert not done.stderr, done.stderr
    return set(done.stdout.splitlines())


def fish(line, environment, folder):
    program = line.split()[0]
    done = subprocess.run(
        ["fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]",
         SOURCE / "completions/fish" / f"{program}.fish", line],
        capture_output=True, text=True, env=environment, cwd=folder, check=True, timeout=PATIENCE_S)
    assert not done.stderr, done.stderr
    return {answer.split("\t")[0].rstrip("/") for answer in done.stdout.splitlines()}


def typed(command, startup, line, environment, folder):
    """What `line` becomes in an interactive shell, where Control-T inserts all that fits and tells `startup`'s fifo."""
    answer, ready = pathlib.Path(folder) / ".answer", pathlib.Path(folder) / ".ready"
    for fifo in (answer, ready):
        fifo.unlink(missing_ok=True)
        os.mkfifo(fifo)
    (pathlib.Path(folder) / ".zshrc").write_text(startup)
    environment = dict(environment, ZDOTDIR=str(folder), TERM="dumb", LANG="C.UTF-8", ANSWER=str(answer), READY=str(ready))
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execvpe(command[0], command, environment)

    def drain():
        try:
            while os.read(terminal, 4096):
                pass
        except OSError:
            pass

    drainer = threading.Thread(target=drain, daemon=True)
    drainer.start()
    ready.read_text()
    os.write(terminal, line.encode() + b"\x14")
    text = answer.read_text().rstrip("\n")
    os.write(terminal, b"\x15exit\n")
    os.waitpid(pid, 0)
    drainer.join()  # at the end of the terminal, before its number becomes another file's
    os.close(terminal)
    return text


def zsh(line, environment, folder):
    text = typed(["zsh", "-d", "-i"], f"""
      PS1= PS2=; unsetopt prompt_cr prompt_sp beep; fpath=({SOURCE}/completions/zsh $fpath)
      autoload -Uz compinit && compinit -u -d {folder}/.dump
      all() {{ _main_complete; compstate[insert]=all }}
      zle -C all-matches complete-word all
      every() {{ zle all-matches; print -r -- "$BUFFER" >$ANSWER }}
      zle -N every; bindkey -e; bindkey '^T' every; print ready >$READY
    """, line, environment, folder)
    start = line.rsplit(" ", 1)[0] + " "
    assert text.startswith(start), f"{line!r} became {text!r}"
    return {word.replace("\\", "").rstrip("/=") for word in text[len(start):].split() if text.strip() != line.strip()}


def bash_line(line, environment, folder):
    """What the line becomes in bash itself, whose readline splits and replaces words in a way of its own."""
    return typed(["bash", "--noprofile", "--rcfile", str(folder / ".zshrc"), "-i"], f"""
      PS1= PS2=; source {SOURCE}/completions/bash/{line.split()[0]}
      bind '"\\C-x1": insert-completions'
      tell() {{ printf '%s\\n' "$READLINE_LINE" >$ANSWER; }}
      bind -x '"\\C-x2": tell'
      bind '"\\C-t": "\\C-x1\\C-x2"'
      echo ready >$READY
    """, line, environment, folder).rstrip()


SCENARIOS = list(read_program(PROGRAMS / "mqtt-bench").commands)


class Shells(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="mqtt-completions-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        (cls.folder / "work").mkdir()
        (cls.folder / "work/authority.pem").touch()
        (cls.folder / "work/with blank.pem").touch()
        (cls.folder / "work/certificates").mkdir()
        (cls.folder / "work/users").write_text("# people\nalice:$7$x\nalbert:$7$x\nbob:$7$x\n")
        (cls.folder / "mqtt/profiles").mkdir(parents=True)
        (cls.folder / "mqtt/profiles/home").touch()
        (cls.folder / "mqtt/profiles/hotel").touch()
        cls.environment = {name: value for name, value in os.environ.items() if not name.startswith("MQTT_")}
        cls.environment.update(XDG_CONFIG_HOME=str(cls.folder), PATH=f"{PROGRAMS}:{os.environ['PATH']}")

    ROWS = [
        ("mqtt-sub --tls-version ", "tlsv1.2 tlsv1.3"),
        ("mqtt-pub -q ", "0 1 2"),
        ("mqtt-pub --will-qos ", "0 1 2"),
        ("mqtt-pub -V mqttv3", "mqttv31 mqttv311"),
        ("mqtt-sub -v -V 3", "31 311"),
        ("mqtt-rr --retain-handling n", "new never"),
        ("mqtt-sub -D ", "connect publish subscribe unsubscribe disconnect will"),
        ("mqtt-pub -D publish co", "content-type correlation-data"),
        ("mqtt-pub -D publish content-type x -D will will-", "will-delay-interval"),
        ("mqtt-sub --cafile a", "authority.pem"),
        ("mqtt-sub --capath c", "certificates"),
        ("mqtt-sub --profile ho", "home hotel"),
        ("mqtt-passwd -H sha", "sha512 sha512-pbkdf2"),
        ("mqtt-passwd --ver", "--verify --version"),
        ("mqtt-passwd us", "users"),
        ("mqtt-passwd users al", "alice albert"),
        ("mqtt-broker -c au", "authority.pem"),
        ("mqtt-bench ", " ".join(SCENARIOS)),
        ("mqtt-bench versus --a x ", " ".join(name for name in SCENARIOS if name not in ("versus", "compare"))),
        ("mqtt-bench fan", "fanout fanin"),
        ("mqtt-sub --output ", "text json raw hex csv"),
        ("mqtt-sub --decode b", "base64"),
        ("mqtt-sub --decode hex --decode c", "cbor"),
        ("mqtt-bench pair --expect los", "loss"),
        ("mqtt-bench pair --expect p99<1s --expect connect.", "connect.p50 connect.p99 connect.p99.9"),
        ("mqtt-bench versus --expect-ratio cpu", "cpu cpu/msg"),
        ("mqtt-bench compare --expect-ratio p9", "p99 p99.9 p99-before-stall"),
        ("mqtt-bench conn --thr", "--threads"),
        ("mqtt-bench conn --publ", ""),
        ("mqtt-bench fanout --publ", "--publishers"),
        ("mqtt-bench compare --expect-r", "--expect-ratio"),
        ("mqtt-bench versus --a x fan", "fanout fanin"),
        ("mqtt-bench compare au", "authority.pem"),
    ]

    def check(self, shell, rows):
        if not shutil.which(shell.__name__):
            self.skipTest(f"{shell.__name__} is not installed")
        for line, expected in rows:
            with self.subTest(line):
                self.assertEqual(shell(line, self.environment, self.folder / "work"), set(expected.split()))

    def check_options(self, shell):
        """A lone dash is answered with every option; two dashes where a shell cannot show short ones there."""
        if not shutil.which(shell.__name__):
            self.skipTest(f"{shell.__name__} is not installed")
        for name in NAMES:
            program = read_program(PROGRAMS / name)
            parts = [program, *program.commands.values()]
            if shell is not bash and program.commands:
                parts = [program.commands["conn"], program.commands["compare"]]
            for part in parts:
                with self.subTest(part.name):
                    long = {word for option in part.options for word in option.names if word.startswith("--")}
                    self.assertEqual(shell(f"{part.name} --", self.environment, self.folder / "work"), long)
                    if shell is bash:
                        every = {word for option in part.options for word in option.names}
                        self.assertEqual(shell(f"{part.name} -", self.environment, self.folder / "work"), every)

    def check_topics(self, shell, expected):
        if not shutil.which(shell.__name__):
            self.skipTest(f"{shell.__name__} is not installed")
        with Broker() as broker:
            for topic in ("home/kitchen/lamp", "home/kitchen/oven", "home/door", "garden/gate"):
                subprocess.run([PROGRAMS / "mqtt-pub", "-p", str(broker.port), "-r", "-t", topic, "-m", "x"], check=True)
            line = f"mqtt-sub -v -p {broker.port} -t home/"
            asked = dict(self.environment, MQTT_COMPLETE_TOPICS="1")
            self.assertEqual(shell(line, asked, self.folder / "work"), set(expected.split()))
            self.assertEqual(shell(line, self.environment, self.folder / "work") - {line.split()[-1].rstrip("/")}, set())

    def test_bash(self):
        self.check(bash, self.ROWS)
        self.check(bash, [
            ("mqtt-sub -vq ", "0 1 2"),
            ("mqtt-sub -p1883 -V mqttv5", "mqttv5"),
            ("mqtt-sub --tls-version=", "tlsv1.2 tlsv1.3"),
            ("mqtt-sub --output=", "text json raw hex csv"),
            ("mqtt-sub --decode=m", "msgpack"),
            ("mqtt-bench pair --expect=los", "loss"),
            ("mqtt-sub --qos=1 --tls-version=tlsv1.2 --retain-handling=n", "new never"),
            ("mqtt-sub -L mqtts:", "//"),
            ("mqtt-pub -D connect user-property a b --qui", "--quiet"),
            ("mqtt-pub -m -q --qui", "--quiet"),  # -q is the message
        ])

    def test_bash_on_a_terminal(self):
        for line, expected in [
            ("mqtt-sub -q 1 --tls-version tlsv1.3", "mqtt-sub -q 1 --tls-version tlsv1.3"),
            ("mqtt-sub --tls-version=", "mqtt-sub --tls-version=tlsv1.2 tlsv1.3"),
            ("mqtt-sub -L mqtts:", "mqtt-sub -L mqtts://"),
            ("mqtt-sub -L ws", "mqtt-sub -L ws:// wss://"),
            ("mqtt-pub -m 'two words -q' --will-q", "mqtt-pub -m 'two words -q' --will-qos"),
            ("mqtt-sub --cafile with", "mqtt-sub --cafile with\\ blank.pem"),
        ]:
            with self.subTest(line):
                self.assertEqual(bash_line(line, self.environment, self.folder / "work"), expected)

    def test_bash_offers_every_option(self):
        self.check_options(bash)

    def test_bash_offers_topics_level_by_level_where_asked(self):
        self.check_topics(bash, "home/kitchen/ home/door")

    def test_zsh(self):
        self.check(zsh, [*self.ROWS, ("mqtt-sub -L ws", "ws: wss:"), ("mqtt-sub -vq ", "0 1 2"),
                         ("mqtt-sub --tls-version=", "--tls-version=tlsv1.2 --tls-version=tlsv1.3"),
                         ("mqtt-sub --output=", " ".join(f"--output={word}" for word in "text json raw hex csv".split())),
                         ("mqtt-sub --decode=m", "--decode=msgpack"),
                         ("mqtt-bench pair --expect=los", "--expect=loss")])

    def test_zsh_offers_every_option(self):
        self.check_options(zsh)

    def test_zsh_offers_topics_level_by_level_where_asked(self):
        self.check_topics(zsh, "home/kitchen home/door")

    def test_fish(self):
        self.check(fish, [*self.ROWS, ("mqtt-sub -L ws", "ws: wss:"), ("mqtt-sub -vq", "-vq0 -vq1 -vq2"),
                          ("mqtt-sub --output=", " ".join(f"--output={word}" for word in "text json raw hex csv".split())),
                          ("mqtt-bench pair --expect=los", "--expect=loss")])

    def test_fish_offers_every_option(self):
        self.check_options(fish)

    def test_fish_offers_topics_where_asked(self):
        self.check_topics(fish, "home/kitchen/lamp home/kitchen/oven home/door")


if __name__ == "__main__":
    unittest.main()
