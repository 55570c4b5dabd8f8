"""The options of a program, read from its --help, which is printed from what parses the command line.

What a value may be is told by its name there (FILE, QOS). Where that does not say it all, CHOICES does;
tests/apps/documents/completions_test.py asks the programs whether it speaks the truth.
"""

import dataclasses
import os
import re
import subprocess

# The values of options that take one of some words, or begin with one. Where the words are a program's own,
# its name stands before the option.
CHOICES = {
    "--protocol-version": "5 311 31 mqttv5 mqttv311 mqttv31",
    "--tls-version": "tlsv1.2 tlsv1.3",
    "--keyform": "pem",
    "--qos": "0 1 2",
    "--will-qos": "0 1 2",
    "--retain-handling": "always new never",
    "mqtt-pub --summary": "text json",
    "mqtt-sub --summary": "table json",
    "--output": "text json raw hex csv",
    "--decode": "auto cbor msgpack hex base64",
    "--probe": "table json",
    "--color": "auto always never",
    "--escape": "auto always never",
    "--hash": "argon2id sha512-pbkdf2 sha512",
}
BEGINNINGS = {
    "--url": "mqtt:// mqtts:// ws:// wss://",
    "--proxy": "socks5h://",
}

# The packets that -D names, and their properties.
PROPERTIES = {
    "connect": "session-expiry-interval authentication-method authentication-data "
               "request-problem-information request-response-information receive-maximum "
               "topic-alias-maximum user-property maximum-packet-size",
    "publish": "payload-format-indicator message-expiry-interval content-type response-topic "
               "correlation-data topic-alias user-property",
    "subscribe": "subscription-identifier user-property",
    "unsubscribe": "user-property",
    "disconnect": "session-expiry-interval server-reference reason-string user-property",
    "will": "payload-format-indicator message-expiry-interval content-type response-topic "
            "correlation-data will-delay-interval user-property",
}

# What other values are, by their name in the help; any other text cannot be completed.
KINDS = {
    "FILE": "file", "PATH": "file", "FOLDER": "folder", "HOST": "host", "PID": "process",
    "TOPIC": "topic", "FILTER": "topic",
}

# Options whose values begin with a metric, such as p99<5ms. The metrics stand in the help of the program.
CONDITIONS = ("--expect", "--expect-ratio")

# Words that are no options.
POSITIONAL = {
    "mqtt-passwd": ["file", "user"],
    "mqtt-bench compare": ["files"],
}

# How a broker is reached: these options, given to mqtt-sub, reach it too.
CONNECTION_SECTIONS = ("Connection", "TLS")


@dataclasses.dataclass
class Option:
    names: list
    values: list  # their names in the help; none of a flag
    text: str
    section: str
    program: str = ""
    metrics: list = dataclasses.field(default_factory=list)  # what a value of CONDITIONS may begin with

    @property
    def choice(self):
        """Its key in CHOICES; None if it has none."""
        return next((key for key in (f"{self.program} {self.long}", self.long) if key in CHOICES), None)

    @property
    def long(self):
        return next((name for name in self.names if name.startswith("--")), self.names[0])

    @property
    def kind(self):
        """None of a flag; otherwise file, folder, host, process, topic, profile, property, words, beginning or text."""
        if not self.values:
            return None
        if self.long == "--profile":
            return "profile"
        if len(self.values) == 3:
            return "property"
        if self.choice:
            return "words"
        if self.long in BEGINNINGS or self.metrics:
            return "beginning"
        return KINDS.get(self.values[0], "text")

    @property
    def words(self):
        return self.metrics or (CHOICES.get(self.choice) or BEGINNINGS.get(self.long) or "").split()

    @property
    def repeats(self):
        return (self.values[-1:] == ["..."] or self.kind in ("profile", "property") or self.long in CONDITIONS or
                re.search(r"may be (repeated|given)|more may follow", self.text) is not None)

    @property
    def value_name(self):
        return self.values[0].lower() if self.values else ""

    @property
    def summary(self):
        """The text for a line of a menu."""
        text = re.sub(r" \(default.*?\)", "", self.text)
        for end in ("; ", ": ", " (", " ..."):
            if len(text) > 50:
                text = text.split(end)[0]
        return text[0].lower() + text[1:] if not text[1].isupper() else text


@dataclasses.dataclass
class Program:
    name: str
    summary: str
    options: list
    commands: dict = dataclasses.field(default_factory=dict)

    @property
    def function(self):
        return "_" + self.name.replace("-", "_")

    @property
    def positional(self):
        return POSITIONAL.get(self.name, [])

    def all_options(self):
        """Those of the commands too, each once, in their order."""
        found = {}
        for part in [self, *self.commands.values()]:
            for option in part.options:
                kept = found.setdefault(option.names[0], option)
                if part.name != "mqtt-bench compare":  # its --a and --b are files
                    assert kept.kind == option.kind or kept.long in ("--a", "--b"), option
        return list(found.values())

    def connection_options(self):
        return [option for option in self.all_options() if option.section in CONNECTION_SECTIONS]


def parse_options(text, program):
    options, section = [], ""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if heading := re.fullmatch(r"([A-Z]\w+)(?: \(.*\))?:", line):
            section = heading[1]
        elif row := re.match(r"  (-\S+)((?: [A-Z]+(?: \.\.\.)?)*)(?:\s\s+(.*))?$", line):
            description = row[3] or lines[number + 1].strip()
            options.append(Option(row[1].split(","), row[2].split(), description, section, program))
    return options


def parse_metrics(text):
    """The names in the help's table of metrics; a percentile stands for the usual ones."""
    section = re.search(r"^Metrics\b.*:\n((?:  .*\n)+)", text, re.M)
    names = []
    for row in section[1].splitlines() if section else []:
        for name in re.split(r"\s{2,}", row.strip())[0].split(", "):
            names += [name.replace("p<N>", percentile) for percentile in ("p50", "p99", "p99.9")] if "<N>" in name else [name]
    return names


def read_program(path, *command, metrics=()):
    """The program at `path`, or one of its commands, asked for its help."""
    text = subprocess.run([path, *command, "--help"], capture_output=True, text=True, check=True).stdout
    name = os.path.basename(path)
    program = Program(" ".join([name, *command]), text.splitlines()[0], parse_options(text, name))
    metrics = metrics or parse_metrics(text)
    for option in program.options:
        if option.long in CONDITIONS:
            option.metrics = list(metrics)
    if commands := re.search(r"^Commands:\n(.*?)\n\n", text, re.M | re.S):
        for name, summary in re.findall(r"^  (\w+)\s+(.*)$", commands[1], re.M):
            program.commands[name] = read_program(path, *command, name, metrics=metrics)
            program.commands[name].summary = summary
        # A program with commands lists these alone; it has what all have.
        program.options = program.options or [Option(["--help"], [], "Print the help and exit", ""),
                                              Option(["--version"], [], "Print the version and exit", "")]
    return program
