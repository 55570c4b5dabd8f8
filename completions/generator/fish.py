"""Completion for fish: one `complete` line per option."""

from .program import PROPERTIES

HELPERS = """
function __mqtt_properties # the properties of the packet before the cursor
    switch (commandline -opc)[-1]
@PROPERTIES@
    end
end

function __mqtt_wants_property # -D and the name of a packet stand before the cursor
    set -l words (commandline -opc)
    test (count $words) -gt 2; and contains -- $words[-2] -D --property
end

function __mqtt_profiles
    set -q XDG_CONFIG_HOME; and set -l folder $XDG_CONFIG_HOME; or set -l folder ~/.config
    command ls $folder/mqtt/profiles 2>/dev/null
end
"""

# With MQTT_COMPLETE_TOPICS in the environment: the retained topics of the broker that the words so far name.
TOPICS = """
function __mqtt_topics_with # the options that reach a broker: without a value, and with one
    test -n "$MQTT_COMPLETE_TOPICS"; or return
    set -l flags (string split ' ' -- $argv[1])
    set -l valued (string split ' ' -- $argv[2])
    set -l words (commandline -opc)
    set -l connection
    for i in (seq 2 (count $words))
        if contains -- $words[$i] $flags; or contains -- (string split -m 1 = -- $words[$i])[1] $valued
            set -a connection $words[$i]
        else if contains -- $words[(math $i - 1)] $valued
            set -a connection $words[$i]
        end
    end
    timeout 3 mqtt-sub $connection -t '#' --retained-only -F %t -W 1 -C 2000 2>/dev/null
end
"""

USERS = """
function __mqtt_users # those of the password file before the cursor
    set -l words (commandline -opc)
    test (count $words) -gt 1 -a -f $words[-1]; and string match -rv '^#' <$words[-1] | string replace -r ':.*' ''
end
"""


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def value(option, program):
    kind = option.kind
    if kind is None:
        return ""
    if kind in ("file", "folder"):
        return " -r -F"
    answers = {"host": "(__fish_print_hostnames)", "process": "(__fish_complete_pids)", "profile": "(__mqtt_profiles)",
               "property": " ".join(PROPERTIES)}.get(kind) or " ".join(option.words)
    if kind == "topic":
        reach = program.connection_options()
        flags = [name for option in reach if not option.kind for name in option.names]
        valued = [name for option in reach if option.kind not in (None, "property") for name in option.names]
        answers = f'(__mqtt_topics_with "{" ".join(flags)}" "{" ".join(valued)}")'
    return f" -x -a {quoted(answers)}" if answers else " -x"


def line(program, option, condition):
    names = "".join(f" -l {name[2:]}" if name.startswith("--") else f" -s {name[1:]}" for name in option.names)
    return f"complete -c {program.name}{condition}{names}{value(option, program)} -d {quoted(option.summary)}"


def with_commands(program):
    lines = [f"complete -c {program.name} -n __fish_use_subcommand -a {name} -d {quoted(part.summary)}"
             for name, part in program.commands.items()]
    lines += [line(program, option, " -n __fish_use_subcommand") for option in program.options]
    scenarios = [name for name in program.commands if name not in ("compare", "versus")]
    lines += [f"complete -c {program.name} -n '__fish_seen_subcommand_from versus; and not "
              f"__fish_seen_subcommand_from {' '.join(scenarios)}' -a {quoted(' '.join(scenarios))}",
              f"complete -c {program.name} -n '__fish_seen_subcommand_from compare' -F"]
    rows = {}  # an option that is the same in several commands is one line
    for name, part in program.commands.items():
        for option in part.options:
            rows.setdefault(line(program, option, " @"), []).append(name)
    lines += [row.replace(" @", f" -n '__fish_seen_subcommand_from {' '.join(names)}'", 1) for row, names in rows.items()]
    return lines


def completion(program):
    kinds = {option.kind for option in program.all_options()}
    text = f"# fish completion for {program.name}. Written by completions/generate.py from the program's --help.\n"
    if "property" in kinds:
        rows = "\n".join(f"        case {packet}\n            printf '%s\\n' {words}" for packet, words in PROPERTIES.items())
        text += HELPERS.replace("@PROPERTIES@", rows)
    if "topic" in kinds:
        text += TOPICS
    if "user" in program.positional:
        text += USERS + f"\ncomplete -c {program.name} -n 'test -n \"$(__mqtt_users)\"' -x -a '(__mqtt_users)'\n"
    if program.positional[:1] != ["file"]:
        text += f"\ncomplete -c {program.name} -f\n"
    if "property" in kinds:
        text += f"complete -c {program.name} -n __mqtt_wants_property -x -a '(__mqtt_properties)'\n"
    lines = with_commands(program) if program.commands else [line(program, option, "") for option in program.options]
    return text + "\n".join(lines) + "\n"
