"""The backslash commands: one table of what is served, one of what is refused and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.core.errors import ScriptError
from harness.postgres.psql import variables
from harness.postgres.psql.items import Discard, Echo, Gexec, Gset, Item, Reconnect
from harness.postgres.psql.lexer import VARIABLE, Lexer, compiled, substitute

if TYPE_CHECKING:
    from harness.postgres.psql.reader import Reader


_SPACE = compiled(r"[ \t\n\r\f\v]++")
_NAME = compiled(r"[^ \t\n\r\f\v\\]*+")
_TOKEN = compiled(
    r"(?P<bare>[^ \t\n\r\f\v\\'\"`:]++)"
    r"|'(?P<single>(?:[^'\\]|''|\\.)*+)'"
    r'|(?P<double>"[^"]*+")',
    re.DOTALL,
)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|x[0-9A-Fa-f]{1,2}|.)|''", re.DOTALL)
_LETTERS = {b"n": b"\n", b"t": b"\t", b"b": b"\b", b"r": b"\r", b"f": b"\f"}


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument; ``quoted`` if any part of it was quoted or came from a variable."""

    text: str
    quoted: bool


class Arguments:
    """What follows a backslash, read from where the SQL lexer stopped.

    ``fail`` makes the ScriptError for a message. ``unresolved`` turns
    true when an argument names a variable that is not defined.
    """

    def __init__(self, lexer: Lexer, fail: Callable[[str], ScriptError]) -> None:
        self.unresolved = False
        self._lexer = lexer
        self._fail = fail
        self.name = self._command()

    def __iter__(self) -> Iterator[Argument]:
        """Read the arguments that are left."""
        while (argument := self.one()) is not None:
            yield argument

    def one(self, *, strip: bool = False) -> Argument | None:
        """Read the next argument, None at the end; ``strip`` cuts bare semicolons off."""
        self._skip_space()
        fixed, tail, quoted = "", "", False
        while part := self._part():
            if part.quoted:
                fixed, tail, quoted = fixed + tail + part.text, "", True
            else:
                tail += part.text
        text = fixed + (tail.rstrip(";") if strip else tail)
        return Argument(text, quoted) if text or quoted else None

    def line(self) -> str:
        """Read all that is left of the line, without any quoting."""
        lexer = self._lexer
        text = lexer.text[lexer.pos :]
        lexer.pos = len(lexer.text)
        while lexer.pop():
            text += lexer.text[lexer.pos :]
            lexer.pos = len(lexer.text)
        return text.lstrip(" \t\n\r\f\v")

    def finish(self) -> None:
        r"""Pass over ``\\``, which separates a command from what follows it."""
        if self._lexer.text.startswith("\\\\", self._lexer.pos):
            self._lexer.pos += 2

    def _command(self) -> str:
        lexer = self._lexer
        found = _NAME.match(lexer.text, lexer.pos + 1)
        name = found[0] if found else ""
        lexer.pos += 1 + len(name)
        return name

    def _exhausted(self) -> bool:
        lexer = self._lexer
        while lexer.pos >= len(lexer.text):
            if not lexer.pop():
                return True
        return False

    def _skip_space(self) -> None:
        while not self._exhausted():
            found = _SPACE.match(self._lexer.text, self._lexer.pos)
            if not found:
                return
            self._lexer.pos = found.end()

    def _part(self) -> Argument | None:
        """Read one piece of an argument, None where the argument ends."""
        if self._exhausted():
            return None
        lexer = self._lexer
        found = _TOKEN.match(lexer.text, lexer.pos) or VARIABLE.match(lexer.text, lexer.pos)
        if not found:
            return self._odd(lexer.text[lexer.pos])
        lexer.pos = found.end()
        if found.re is VARIABLE:
            return Argument(self._substitute(found), quoted=True)
        if found.lastgroup == "single":
            return Argument(self._unescape(found["single"]), quoted=True)
        return Argument(found[0], quoted=found.lastgroup == "double")

    def _odd(self, char: str) -> Argument | None:
        if char == "`":
            raise self._fail("back-ticks run a shell command: not supported")
        if char in "'\"":
            raise self._fail(f"unterminated quoted string in the arguments of \\{self.name}")
        if char != ":":
            return None
        self._lexer.pos += 1
        return Argument(":", quoted=False)

    def _substitute(self, found: re.Match[str]) -> str:
        kind = found.lastgroup or ""
        if kind != "test" and self._lexer.lookup(found[kind]) is None:
            self.unresolved = True
        return substitute(found, self._lexer.lookup)

    def _unescape(self, text: str) -> str:
        if "\\" not in text and "'" not in text:
            return text
        # Octal and hexadecimal escapes give bytes, which may add up to one character.
        try:
            return _ESCAPE.sub(_unescaped, text.encode()).decode()
        except UnicodeDecodeError:
            raise self._fail("escapes in a quoted argument do not form valid UTF-8") from None


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    if code is None:
        return b"'"
    if code[:1] in b"01234567":
        return bytes([int(code, 8) & 0xFF])
    if len(code) > 1:
        return bytes([int(code[1:], 16)])
    return _LETTERS.get(code, code)


_SQL = compiled(r"""\s*([.,()]|"(?:[^"]|"")*+"|'(?:[^']|'')*+'|[^\s.,()"']++)""")
_QUERY = compiled(r"""\s*([()]|"(?:[^"]|"")*+"|'(?:[^']|'')*+'|[^\s()"']++)""")
_TARGET = compiled(r"\s*('(?:[^']|'')*+'|[^\s;']++)\s?")


@dataclass(frozen=True, slots=True)
class Copy:
    r"""A ``\copy`` taken apart: what to send, and the file or the script that has the data."""

    sql: str
    file: str | None = None
    inline: bool = False


def parse(text: str) -> Copy:
    r"""Read the arguments of ``\copy``; ValueError says what is not served."""
    words: list[str] = []
    for found, depth in _words(text):
        target = _TARGET.match(text, found.end())
        if not depth and words and target and found[1].lower() in ("from", "to"):
            subject = " ".join(words).replace(" . ", ".")
            return _serve(subject, found[1].lower(), target[1], text[target.end() :])
        words.append(found[1])
    raise ValueError("parse error")


def _words(text: str) -> Iterator[tuple[re.Match[str], int]]:
    """Split as psql does, which sends the words one space apart; with their nesting."""
    depth = position = 0
    while found := (_QUERY if depth else _SQL).match(text, position):
        position = found.end()
        depth += (found[1] == "(") - (found[1] == ")")
        yield found, depth


def _serve(subject: str, direction: str, target: str, options: str) -> Copy:
    word = target.lower()
    if word in ("program", "pstdin", "pstdout"):
        raise ValueError(f"{word} is not supported")
    if direction == "from":
        inline = word in ("stdin", "stdout")
        file = None if inline else _unquote(target)
        return Copy(f"COPY  {subject} FROM STDIN {options}", file, inline)
    if word not in ("stdin", "stdout"):
        raise ValueError("writing to a file is not supported")
    return Copy(f"COPY  {subject} TO STDOUT {options}")


def _unquote(name: str) -> str:
    return name[1:-1].replace("''", "'") if name.startswith("'") else name


def run(reader: Reader) -> Iterator[Item]:
    """Carry out the command that the lexer stopped at; ScriptError when it is refused."""
    args = Arguments(reader.lexer, reader.error)
    command = COMMANDS.get(args.name)
    if command is None and _DESCRIBES.fullmatch(args.name):
        command = Command(_accept)
    if command is None:
        reason = REFUSED.get(args.name, "unknown command")
        raise reader.error(f"\\{args.name} is not supported: {reason}")
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
    truth = variables.BOOLEANS.get(text.lower())
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
        raise reader.error(f"\\{args.name} to a file or a pipe is not supported")
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
        targets.append("" if argument.text == "-" else argument.text)
    named = any(targets)
    if named and (not reader.session.connects or len(targets) > 2 or "=" in targets[0]):
        raise reader.error(f"\\{args.name} to another database or as another user is not supported")
    yield Reconnect(*reader.place, *targets[:2])


def _copy(reader: Reader, args: Arguments) -> Iterable[Item]:
    try:
        copy = parse(args.line())
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
