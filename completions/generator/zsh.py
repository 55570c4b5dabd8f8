"""Completion for zsh: one file per program, each what _arguments wants to know."""

import re

from .program import PROPERTIES

HELPERS = """
_mqtt_property() { # the second word behind -D
  local -A properties=(
@PROPERTIES@
  )
  compadd -- ${=properties[$words[CURRENT-1]]}
}

_mqtt_profile() { _files -W ${XDG_CONFIG_HOME:-$HOME/.config}/mqtt/profiles }
"""

# With MQTT_COMPLETE_TOPICS in the environment: the retained topics of the broker that the words so far name.
TOPICS = """
_mqtt_topic() {
  [[ -n $MQTT_COMPLETE_TOPICS ]] || return 1
  local -a flags=(@FLAGS@) valued=(@VALUED@) connection topics
  local i word
  for ((i = 2; i < CURRENT; ++i)); do
    word=${words[i]}
    if (( ${valued[(Ie)$word]} && i + 1 < CURRENT )); then connection+=($word "${(Q)words[++i]}")
    elif (( ${flags[(Ie)$word]} || ${valued[(Ie)${word%%=*}]} )); then connection+=("${(Q)word}")
    fi
  done
  topics=(${(f)"$(timeout 3 mqtt-sub $connection -t "${(Q)PREFIX%${PREFIX##*/}}#" --retained-only -F %t -W 1 -C 2000 2>/dev/null)"})
  _multi_parts / topics
}
"""

USERS = """
_mqtt_user() { # those of the password file before it
  local -a names=(${${(f)"$(grep -v '^#' -- ${(Q)words[CURRENT-1]} 2>/dev/null)"}%%:*})
  compadd -a names
}
"""

ACTIONS = {"file": "_files", "folder": "_files -/", "host": "_hosts", "process": "_pids", "profile": "_mqtt_profile",
           "topic": "_mqtt_topic", "text": " ", "files": "_files", "user": "_mqtt_user"}


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def menu_text(text):
    for character in "\\[]:":
        text = text.replace(character, "\\" + character)
    return text


def action(option):
    if option.kind is None:
        return ""
    if option.kind == "property":
        return f":packet:({' '.join(PROPERTIES)}):property:_mqtt_property:value: "
    if option.kind == "words":
        return f":{option.value_name}:({' '.join(option.words)})"
    if option.kind == "beginning":
        return f":{option.value_name}:compadd -S '' -- {' '.join(option.words)}".replace("://", "\\://")
    return f":{option.value_name}:{ACTIONS[option.kind]}"


def spec(option):
    """One word for _arguments, or several that a brace expansion makes."""
    # A value may follow in the same word: -p1883, --port=1883.
    names = [name + ("" if option.kind in (None, "property") else "=" if name.startswith("--") else "+")
             for name in option.names]
    text = f"[{menu_text(option.summary)}]{action(option)}"
    if option.long in ("--help", "--version"):
        excluded = "(- *)"
    elif option.repeats:
        excluded = "*"
    else:
        excluded = f"({' '.join(option.names)})" if len(names) > 1 else ""
    if len(names) == 1:
        return quoted(excluded + names[0] + text)
    return quoted(excluded) + "{" + ",".join(names) + "}" + quoted(text)


def shell_word(text):
    """One word for a shell that evaluates it, whatever stands in the text."""
    return re.sub(r"([^\w./,-])", r"\\\1", text)


def menu(commands):
    """Words with a text each, as _arguments takes them and evaluates them once more: ((word\:text ...))."""
    rows = (shell_word(f"{name}:{part.summary}") for name, part in commands.items())
    return f"(({' '.join(rows)}))"


def block(texts, indent):
    """One call of _arguments goes over several lines."""
    return " \\\n".join(indent + text for text in texts)


def with_commands(program):
    """What all scenarios share stands once."""
    scenarios = {name: part for name, part in program.commands.items() if name not in ("compare", "versus")}
    specs = {name: [spec(option) for option in part.options] for name, part in program.commands.items()}
    first, *others = (specs[name] for name in scenarios)
    shared = [text for text in first if all(text in other for other in others)]
    lines = ["_mqtt_bench_command() {", "  local -a shared", "  shared=(", *(f"    {text}" for text in shared), "  )",
             "  case $words[1] in"]
    for name, part in program.commands.items():
        own = [text for text in specs[name] if name not in scenarios or text not in shared]
        own += [quoted(f"*:{kind}:{ACTIONS[kind]}") for kind in part.positional]
        if name == "versus":
            own += [quoted(f"1:scenario:{menu(scenarios)}"), "'*::option:_mqtt_bench_command'"]
        call = "_arguments -s -S" + (" $shared" if name in scenarios else "")
        lines += [f"    {name})", block([call, *("  " + text for text in own)], "      "), "      ;;"]
    lines += ["  esac", "}", ""]
    own = [spec(option) for option in program.options]
    own += [quoted(f"1:command:{menu(program.commands)}"), "'*::option:_mqtt_bench_command'"]
    return "\n".join([*lines, block(["_arguments -s -S -C", *("  " + text for text in own)], ""), ""])


def plain(program):
    own = [spec(option) for option in program.options]
    own += [quoted(f"{number}:{kind}:{ACTIONS[kind]}") for number, kind in enumerate(program.positional, 1)]
    return block(["_arguments -s -S", *("  " + text for text in own)], "") + "\n"


def completion(program):
    kinds = {option.kind for option in program.all_options()}
    text = f"#compdef {program.name}\n# Written by completions/generate.py from the program's --help.\n"
    if "property" in kinds:
        properties = "\n".join(f"    {packet} '{words}'" for packet, words in PROPERTIES.items())
        text += HELPERS.replace("@PROPERTIES@", properties)
    if "topic" in kinds:
        options = program.connection_options()
        flags = [name for option in options if not option.kind for name in option.names]
        valued = [name for option in options if option.kind not in (None, "property") for name in option.names]
        text += TOPICS.replace("@FLAGS@", " ".join(flags)).replace("@VALUED@", " ".join(valued))
    if "user" in program.positional:
        text += USERS
    return text + "\n" + (with_commands(program) if program.commands else plain(program))
