"""The command ``completion``: what a shell offers after ``harness``, from the list of commands."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from functools import cache

from harness.cli.command import Command, flag
from harness.cli.options import OPTIONS
from harness.core.errors import ConfigError
from harness.core.text import nearest

SHELLS = ("bash", "zsh", "fish")


def completion(words: Sequence[str], commands: Mapping[str, Command]) -> str:
    """The script of a shell. Raises ConfigError for another one, and for none."""
    known = ", ".join(SHELLS)
    if len(words) != 1:
        raise ConfigError(f"completion: say for which shell: {known}")
    makers = {"bash": _bash, "zsh": _zsh, "fish": _fish}
    if words[0] not in makers:
        raise ConfigError(f"completion: no shell {words[0]!r}{nearest(words[0], SHELLS)}")
    return makers[words[0]](commands).rstrip()


@cache
def values(command: Command) -> dict[str, tuple[str, ...]]:
    """Option, or the positional one -> the words that it takes."""
    from harness.cli.explain import every
    from harness.properties.checks import CHECKS
    from harness.run.mutate import KINDS
    from harness.sources import SOURCES

    groups = (*dict.fromkeys(one.group for one in CHECKS), *(one.id for one in CHECKS))
    known: dict[str, tuple[str, ...]] = {
        "pgtap": ("builtin", "extension"),
        "source": tuple(one.name for one in SOURCES),
        "only": groups,
        "kind": tuple(sorted(KINDS)),
        "shell": SHELLS,
        "ids": tuple(sorted({one.id.replace(" ", "_") for one in every()})),
    }
    return {name: words for name, words in known.items() if name in command.options}


def _summary(command: Command) -> str:
    return inspect.cleandoc(command.doc).splitlines()[0]


def _takes_value(name: str) -> bool:
    return not isinstance(OPTIONS[name].default, bool)


# --- bash -----------------------------------------------------------------------------------

_BASH = """\
# bash completion of harness: source it, or put it into ~/.local/share/bash-completion/completions
_harness() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
    local options= words= IFS=$'\\n'
    COMPREPLY=()
    if (( COMP_CWORD == 1 )); then
        COMPREPLY=($(compgen -W {commands} -- "$current"))
        return
    fi
    case ${{COMP_WORDS[1]}} in
{cases}
    esac
    case ${{COMP_WORDS[1]}}:$before in
{values}
    esac
    if [[ -n $words && $current != -* ]]; then
        COMPREPLY=($(compgen -W "$words" -- "$current"))
    elif [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$current"))
    else
        COMPREPLY=($(compgen -f -- "$current"))
    fi
}}
complete -o filenames -F _harness harness
"""


def _bash(commands: Mapping[str, Command]) -> str:
    cases, words = [], []
    for name, command in commands.items():
        flags = _lines(list(map(flag, command.options)))
        known = dict(values(command))
        positional = known.pop(command.positional, ())
        own = f" words={_lines(positional)};" if positional else ""
        cases.append(f"        {name}) options={flags};{own} ;;")
        for option, taken in known.items():
            words.append(f"        {name}:{flag(option)}) words={_lines(taken)} ;;")
    return _BASH.format(
        commands=_lines(list(commands)), cases="\n".join(cases), values="\n".join(words)
    )


def _lines(words: Sequence[str]) -> str:
    """Words as one of bash, a line each."""
    return "$'" + "\\n".join(words) + "'"


# --- zsh ------------------------------------------------------------------------------------

_ZSH = """\
#compdef harness
# zsh completion of harness: put it into a directory of $fpath as _harness
_harness() {{
    local -a commands=(
{commands}
    )
    if (( CURRENT == 2 )); then
        _describe 'command' commands
        return
    fi
    local command=$words[2]
    shift words
    (( CURRENT-- ))
    case $command in
{cases}
    esac
}}
if [[ $funcstack[1] == _harness ]]; then _harness "$@"; else compdef _harness harness; fi
"""


def _zsh(commands: Mapping[str, Command]) -> str:
    listed = [f"        {_quoted(f'{n}:{_summary(c)}')}" for n, c in commands.items()]
    cases = []
    for name, command in commands.items():
        specs = [_zsh_spec(option, command) for option in command.options]
        rest = values(command).get(command.positional, ())
        specs.append(f"'*:word:({' '.join(rest)})'" if rest else "'*:file:_files'")
        cases.append(f"        {name}) _arguments {' '.join(specs)} ;;")
    return _ZSH.format(commands="\n".join(listed), cases="\n".join(cases))


def _zsh_spec(option: str, command: Command) -> str:
    help_ = OPTIONS[option].help.replace("[", "(").replace("]", ")").replace(":", "")
    spec = f"{flag(option)}[{help_}]"
    if isinstance(OPTIONS[option].default, list):
        spec = f"*{spec}"
    if _takes_value(option):
        known = values(command).get(option, ())
        words = " ".join(word.replace(" ", "\\ ") for word in known)
        spec += f":{option}:({words})" if known else f":{option}:_files"
    return _quoted(spec)


def _quoted(text: str) -> str:
    """For a POSIX shell."""
    return "'" + text.replace("'", "'\\''") + "'"


# --- fish -----------------------------------------------------------------------------------


def _fish(commands: Mapping[str, Command]) -> str:
    lines = ["# fish completion of harness: put it into ~/.config/fish/completions/harness.fish"]
    start = "complete -c harness -n __fish_use_subcommand -f"
    lines += [f"{start} -a {name} -d {_fished(_summary(c))}" for name, c in commands.items()]
    for name, command in commands.items():
        here = f"complete -c harness -n '__fish_seen_subcommand_from {name}'"
        for option in command.options:
            dashed = flag(option)
            short = f"-s {dashed[1:]}" if len(dashed) == 2 else f"-l {dashed[2:]}"
            needs = " -r" if _takes_value(option) else ""
            known = values(command).get(option, ())
            offered = f" -f -a {_fished(' '.join(_escaped(known)))}" if known else ""
            lines.append(f"{here} {short}{needs}{offered} -d {_fished(OPTIONS[option].help)}")
        if rest := values(command).get(command.positional, ()):
            lines.append(f"{here} -f -a {_fished(' '.join(_escaped(rest)))}")
    return "\n".join(lines)


def _escaped(words: Sequence[str]) -> list[str]:
    return [word.replace(" ", "\\ ") for word in words]


def _fished(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
