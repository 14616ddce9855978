r"""The backslash commands: one table of what is served, one of what is refused and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.postgres.psql import copying, variables
from harness.postgres.psql.arguments import Argument, Arguments
from harness.postgres.psql.items import Discard, Echo, Gexec, Gset, Item, Reconnect

if TYPE_CHECKING:
    from harness.postgres.psql.reader import Reader


def run(reader: Reader) -> Iterator[Item]:
    """Carry out the command that the lexer stopped at; ScriptError when it is refused."""
    args = Arguments(reader.lexer, reader.error)
    command = COMMANDS.get(args.name)
    if command is None and _DESCRIBES.fullmatch(args.name):
        command = Command(_accept)
    if command is None:
        reason = REFUSED.get(args.name, "unknown command")
        raise reader.error(f"\\{args.name} is not served: {reason}")
    if command.always or reader.conditions.active:
        yield from command.run(reader, args)
        for argument in args:
            yield from reader.warn(f'\\{args.name}: extra argument "{argument.text}" ignored')
    elif command.whole_line:
        args.line()
    else:
        list(args)
    args.finish()


def _accept(reader: Reader, args: Arguments) -> Iterable[Item]:
    """Do nothing: the command only changes what psql prints."""
    list(args)
    return ()


def _accept_line(reader: Reader, args: Arguments) -> Iterable[Item]:
    """The same for what takes the rest of the line as it is."""
    args.line()
    return ()


def _set(reader: Reader, args: Arguments) -> Iterable[Item]:
    name = args.one()
    if name:
        value = "".join(argument.text for argument in args)
        reader.assign(name.text, value, sure=not args.unresolved)
    return ()


def _unset(reader: Reader, args: Arguments) -> Iterable[Item]:
    reader.unset(_required(reader, args))
    return ()


def _echo(reader: Reader, args: Arguments) -> Iterable[Item]:
    words = list(args)
    end = "\n"
    if words and words[0].text == "-n" and not words[0].quoted:
        end = ""
        del words[0]
    text = " ".join(word.text for word in words) + end
    if args.name == "qecho" and reader.session.output:
        return
    yield Echo(text, *reader.place, "stderr" if args.name == "warn" else "stdout")


def _include(reader: Reader, args: Arguments) -> Iterable[Item]:
    name = _required(reader, args, strip=True)
    beside = args.name in ("ir", "include_relative")
    yield from reader.include(name, beside=beside, sure=not args.unresolved)


def _if(reader: Reader, args: Arguments) -> Iterable[Item]:
    if reader.conditions.enter(reader.place[1]):
        yield from _decide(reader, args)
    list(args)


def _elif(reader: Reader, args: Arguments) -> Iterable[Item]:
    if _branch(reader, args, last=False):
        yield from _decide(reader, args)
    list(args)


def _else(reader: Reader, args: Arguments) -> Iterable[Item]:
    _branch(reader, args, last=True)
    return ()


def _endif(reader: Reader, args: Arguments) -> Iterable[Item]:
    try:
        reader.conditions.leave()
    except ValueError as error:
        raise reader.error(f"\\endif: {error}") from None
    return ()


def _branch(reader: Reader, args: Arguments, *, last: bool) -> bool:
    try:
        return reader.conditions.next(last=last)
    except ValueError as error:
        raise reader.error(f"\\{args.name}: {error}") from None


def _decide(reader: Reader, args: Arguments) -> Iterable[Item]:
    """Read a condition; psql takes for false what is no Boolean, and says so."""
    text = " ".join(argument.text for argument in args)
    truth = variables.boolean(text)
    if not truth:
        reader.conditions.refuse()
    if truth is None:
        subject = f'"\\{args.name} expression"'
        yield from reader.warn(f'unrecognized value "{text}" for {subject}: Boolean expected')


def _go(reader: Reader, args: Arguments) -> Iterable[Item]:
    word = args.one()
    if word and word.text.startswith("("):
        while word and not word.text.endswith(")"):
            word = args.one()
        if not word:
            raise reader.error(f"\\{args.name}: missing right parenthesis")
        word = args.one()
    yield from reader.send(_output(reader, args, word))


def _out(reader: Reader, args: Arguments) -> Iterable[Item]:
    reader.session.output = _output(reader, args, args.one())
    return ()


def _output(reader: Reader, args: Arguments, target: Argument | None) -> Discard | None:
    """Where results go: nowhere is served, other files are not."""
    if target and target.text != "/dev/null":
        raise reader.error(f"\\{args.name} to a file or a pipe is not served")
    return Discard() if target else None


def _gset(reader: Reader, args: Arguments) -> Iterable[Item]:
    prefix = args.one()
    text = prefix.text if prefix else ""
    if text and not variables.NAME.fullmatch(text):
        raise reader.error(f'\\gset: invalid variable name: "{text}"')
    yield from reader.send(Gset(text))
    reader.forget(text)


def _gexec(reader: Reader, args: Arguments) -> Iterable[Item]:
    return reader.send(Gexec())


def _connect(reader: Reader, args: Arguments) -> Iterable[Item]:
    targets = []
    while argument := args.one(strip=True):
        targets.append(argument.text)
    if any(target != "-" for target in targets):
        raise reader.error(f"\\{args.name} to another database or as another user is not served")
    yield Reconnect(*reader.place)


def _copy(reader: Reader, args: Arguments) -> Iterable[Item]:
    try:
        copy = copying.parse(args.line())
    except ValueError as error:
        raise reader.error(f"\\copy: {error}") from None
    return reader.copy(copy)


def _encoding(reader: Reader, args: Arguments) -> Iterable[Item]:
    name = args.one()
    return reader.encoding(name.text) if name else ()


def _reset(reader: Reader, args: Arguments) -> Iterable[Item]:
    reader.lexer.reset()
    return ()


def _quit(reader: Reader, args: Arguments) -> Iterable[Item]:
    reader.quit()
    return ()


def _required(reader: Reader, args: Arguments, *, strip: bool = False) -> str:
    argument = args.one(strip=strip)
    if argument is None:
        raise reader.error(f"\\{args.name}: missing required argument")
    return argument.text


@dataclass(frozen=True, slots=True)
class Command:
    r"""How a command is served.

    ``always``: in dead branches of ``\if`` too. ``whole_line``: psql takes the rest of
    the line as it is, without quotes and variables.
    """

    run: Callable[[Reader, Arguments], Iterable[Item]]
    always: bool = False
    whole_line: bool = False


def _spread(names: str, command: Command) -> dict[str, Command]:
    return dict.fromkeys(names.split(), command)


COMMANDS: dict[str, Command] = {
    "set": Command(_set),
    "unset": Command(_unset),
    "if": Command(_if, always=True),
    "elif": Command(_elif, always=True),
    "else": Command(_else, always=True),
    "endif": Command(_endif, always=True),
    "gset": Command(_gset),
    "gexec": Command(_gexec),
    "copy": Command(_copy, always=True, whole_line=True),
    "encoding": Command(_encoding),
    **_spread("i ir include include_relative", Command(_include)),
    **_spread("echo qecho warn", Command(_echo)),
    **_spread("g gx", Command(_go)),
    **_spread("c connect", Command(_connect)),
    **_spread("o out", Command(_out)),
    **_spread("r reset", Command(_reset)),
    **_spread("q quit", Command(_quit)),
    **_spread("pset t a x f H html C T timing errverbose p print", Command(_accept)),
    # What pg_dump puts around its output: between them psql takes no other command.
    **_spread("restrict unrestrict", Command(_accept)),
    # What only shows things sends nothing that a test could notice.
    **_spread("conninfo copyright l l+ list list+ z", Command(_accept)),
    **_spread("h help ? sf sf+ sv sv+", Command(_accept_line, whole_line=True)),
}
_DESCRIBES = re.compile(r"d[a-zA-Z]*[S+x]*")

_REASONS = {
    "!": "it runs a shell command",
    "watch": "it repeats a statement until it is interrupted",
    "gdesc": "it shows a result's columns instead of running the statement",
    "w write s": "it writes to a file or a pipe",
    "e edit ef ev": "it needs an editor",
    "prompt password": "it waits for a person",
    "cd getenv setenv lo_import lo_export lo_unlink": "it reaches outside the script",
    "crosstabview lo_list": "it only shows things",
    "bind bind_named parse close close_prepared startpipeline sendpipeline syncpipeline "
    "endpipeline flush flushrequest getresults": "it changes how statements are sent",
}
REFUSED = {name: reason for names, reason in _REASONS.items() for name in names.split()}
