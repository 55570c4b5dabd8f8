"""Completion for bash: one file per program, complete in itself, since bash loads it by the program's name."""

import textwrap

from .program import PROPERTIES

ENGINE = r"""
# What bash has split at = : and @, put together again as it was typed: in words, up to the cursor.
_mqtt_split() {
  local line=${COMP_LINE:0:COMP_POINT} rest token i
  words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    token=${COMP_WORDS[i]}
    rest=${line#"${line%%[![:space:]]*}"}
    ((i < COMP_CWORD)) || token=$rest
    if ((i)) && [[ $rest == "$line" ]]; then words[-1]+=$token; else words+=("$token"); fi
    line=${rest#"$token"}
  done
}

_mqtt_plain() { # the word as the shell would pass it, if it is simply quoted
  local word=$1
  case $word in \'*\' | \"*\") word=${word:1:-1} ;; esac
  printf '%s' "${word//\\/}"
}

# How many values an option takes that takes some.
_mqtt_count() {
  if [[ $takes != property ]]; then echo 1; elif [[ ${values[1]-} == user-property ]]; then echo 4; else echo 3; fi
}

_mqtt_value() { # a value of the option in `option`
  values+=("$1")
  [[ " $reaches " != *" $option "* ]] || connection+=("$option" "$(_mqtt_plain "$1")")
  ((${#values[@]} < $(_mqtt_count))) || option=
}

_mqtt_option() { # what begins with this option, whose value may follow in the same word
  option=$1 values=()
  "_${program}_takes" "$option"
  if [[ ! $takes ]]; then
    [[ " $reaches " != *" $option "* ]] || connection+=("$option")
    option=
  elif (($# > 1)); then
    _mqtt_value "$2"
  fi
}

_mqtt_read() { # a word before the one that is completed
  local word=$1
  if [[ $option ]]; then
    _mqtt_value "$word"
  elif [[ $word == --*=* ]]; then
    _mqtt_option "${word%%=*}" "${word#*=}"
  elif [[ $word == --* ]]; then
    _mqtt_option "$word"
  elif [[ $word == -?* ]]; then
    word=${word#-}
    while [[ $word ]]; do
      "_${program}_takes" "-${word:0:1}"
      if [[ $takes && ${word:1} ]]; then
        _mqtt_option "-${word:0:1}" "${word:1}"
        return
      fi
      _mqtt_option "-${word:0:1}"
      word=${word:1}
    done
  else
    [[ " $commands " != *" $word "* || ( $command && $command != versus ) ]] || command=$word
    positional+=("$word")
  fi
}

# Answers of which bash replaces only what stands behind the last = : or @ of the word.
_mqtt_answer() { # answers...
  local kept= character answer
  for character in = : @; do
    [[ $COMP_WORDBREAKS == *"$character"* && $before$typed == *"$character"* ]] || continue
    answer=$before$typed
    answer=${answer%"${answer##*"$character"}"}
    ((${#answer} <= ${#kept})) || kept=$answer
  done
  for answer; do COMPREPLY+=("${before}${answer}"); done
  COMPREPLY=("${COMPREPLY[@]#"$kept"}")
}

_mqtt_words() {
  local found
  mapfile -t found < <(compgen -W "$1" -- "$typed")
  ((! ${#found[@]})) || _mqtt_answer "${found[@]}"
}

# With MQTT_COMPLETE_TOPICS in the environment: the retained topics of the broker that the words so far
# name, level by level.
_mqtt_topics() {
  [[ ${MQTT_COMPLETE_TOPICS-} ]] || return 0
  local base=${typed%"${typed##*/}"} topic found=()
  while IFS= read -r topic; do
    topic=${topic#"$base"}
    [[ $topic != */* ]] || topic=${topic%%/*}/
    found+=("$(printf %q "$base$topic")")
  done < <(timeout 3 mqtt-sub "${connection[@]}" -t "${base}#" --retained-only -F %t -W 1 -C 2000 2>/dev/null)
  ((${#found[@]})) || return 0
  mapfile -t found < <(printf '%s\n' "${found[@]}" | sort -u)
  local answers=()
  for topic in "${found[@]}"; do [[ $topic != "$typed"* ]] || answers+=("$topic"); done
  ((${#answers[@]})) || return 0
  _mqtt_answer "${answers[@]}"
  [[ ${COMPREPLY[*]} != */ && ${COMPREPLY[*]} != */\ * ]] || compopt -o nospace 2>/dev/null
}

_mqtt_properties() {
  case ${#values[@]},${values[0]-} in
    0,*) _mqtt_words "@PACKETS@" ;;
@PROPERTIES@
  esac
}

_mqtt_complete_value() { # kind words...
  case $1 in
    words) _mqtt_words "${*:2}" ;;
    beginning) compopt -o nospace 2>/dev/null; _mqtt_words "${*:2}" ;;
    file | files) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$(_mqtt_plain "$typed")") ;;
    folder) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$(_mqtt_plain "$typed")") ;;
    host) mapfile -t COMPREPLY < <(compgen -A hostname -- "$typed") ;;
    process) _mqtt_words "$(ps -eo pid=)" ;;
    profile) _mqtt_words "$(cd "${XDG_CONFIG_HOME:-$HOME/.config}/mqtt/profiles" 2>/dev/null && compgen -f)" ;;
    user) _mqtt_words "$(grep -v '^#' -- "$(_mqtt_plain "${positional[0]}")" 2>/dev/null | cut -d : -f 1)" ;;
    topic) _mqtt_topics ;;
    property) _mqtt_properties ;;
  esac
}

_mqtt_complete() { # the program's functions begin with _ and this
  local program=$1 words typed before= command= takes= option= i options commands reaches kinds
  local values=() positional=() connection=()
  COMPREPLY=()
  "_${program}_options"
  _mqtt_split
  typed=${words[-1]}
  for ((i = 1; i < ${#words[@]} - 1; i++)); do _mqtt_read "${words[i]}"; done
  "_${program}_options"
  if [[ ! $option && $typed == --*=* ]]; then
    before=${typed%%=*}= option=${typed%%=*} values=() typed=${typed#*=}
  fi
  if [[ $option ]]; then
    "_${program}_takes" "$option"
    # shellcheck disable=SC2086
    _mqtt_complete_value $takes
  elif [[ $typed != -* && $commands && ( ! $command || $command == versus ) ]]; then
    _mqtt_words "$commands"
  elif [[ $typed != -* && $kinds ]]; then
    kinds=($kinds)
    [[ ${kinds[0]} == files || ${#positional[@]} -lt ${#kinds[@]} ]] || return 0
    [[ ${kinds[0]} == files ]] || kinds=("${kinds[${#positional[@]}]}")
    _mqtt_complete_value "${kinds[0]}"
  else
    _mqtt_words "$options"
  fi
}
"""


def wrapped(words, indent):
    return textwrap.fill(" ".join(words), 100, initial_indent=indent, subsequent_indent=indent,
                         break_long_words=False, break_on_hyphens=False)


def assignment(words, indent):
    return f'options="{wrapped(words, indent + "  ").strip()}"'


def names(options):
    return [name for option in options for name in option.names]


def takes_function(program):
    """By the first word of all options that take values."""
    rows = {}
    for option in program.all_options():
        if option.kind:
            rows.setdefault(" ".join([option.kind, *option.words]), []).extend(option.names)
    lines = []
    if program.name == "mqtt-bench":
        lines += ["    compare,--a | compare,--b) takes=file ;;"]
    for value, options in rows.items():
        pattern = " | ".join(f"*,{name}" for name in options)
        lines.append(" \\\n".join(textwrap.wrap(f'{pattern}) takes="{value}" ;;', 100, subsequent_indent="      ",
                                               initial_indent="    ", break_on_hyphens=False,
                                               break_long_words=False)))
    return "\n".join([f"{program.function}_takes() {{", "  case $command,$1 in", *lines, "    *) takes= ;;", "  esac", "}"])


def options_function(program):
    """What depends on the command, if the program has some: its options, other words, and further commands."""
    reaches = names(program.connection_options()) if any(o.kind == "topic" for o in program.all_options()) else []
    lines = [f"{program.function}_options() {{", f"  commands='{' '.join(program.commands)}'",
             f'  reaches="{wrapped(reaches, "    ").strip()}"', f"  kinds='{' '.join(program.positional)}'"]
    if program.commands:
        lines.append("  case $command in")
        for name, part in program.commands.items():
            lines.append(f"    {name}) {assignment(names(part.options), '      ')} ;;")
        scenarios = [name for name in program.commands if name not in ("compare", "versus")]
        lines += [f"    *) {assignment(names(program.options), '      ')} ;;", "  esac",
                  "  case $command in",
                  f"    versus) commands='{' '.join(scenarios)}' ;;",
                  f"    compare) kinds='{' '.join(program.commands['compare'].positional)}' ;;", "  esac"]
    else:
        lines.append(f"  {assignment(names(program.options), '  ')}")
    return "\n".join([*lines, "}"])


def completion(program):
    properties = "\n".join(f'    1,{packet}) _mqtt_words "{words}" ;;' for packet, words in PROPERTIES.items())
    engine = ENGINE.replace("@PACKETS@", " ".join(PROPERTIES)).replace("@PROPERTIES@", properties)
    function = program.function
    return "\n".join([
        f"# bash completion for {program.name}. Written by completions/generate.py from the program's --help.",
        "# shellcheck disable=SC2034,SC2154,SC2207", engine, takes_function(program), "", options_function(program), "",
        f"{function}() {{ _mqtt_complete {function[1:]}; }}", "", f"complete -F {function} {program.name}", ""])
