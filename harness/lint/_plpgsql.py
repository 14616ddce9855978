"""The SQL inside a PL/pgSQL body: each query and expression with the variables it sees (pure).

The body is one that the server has compiled, so that only where things end has to be found,
and not whether they are right. What cannot be told is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from harness.lint._plpgsql_pieces import TRIGGER_ROW, Piece, Walk
from harness.lint._plpgsql_tokens import tokens, until

_STARTS = (";", "begin", "then", "else", "loop", ">>")
"""What a statement follows."""
_QUERIES = ("select", "insert", "update", "delete", "merge", "with", "values", "table", "call")


def pieces(body: str, variables: Mapping[str, str | None]) -> list[Piece]:
    """What a body asks of the server, in its order."""
    reader = _Reader(body, tokens(body), [dict(variables)])
    return list(reader.read())


def labels(body: str) -> frozenset[str]:
    """The names that blocks and loops are given."""
    found = tokens(body)
    return frozenset(
        found[i + 1].text for i in range(len(found) - 2) if found[i].says("<<")
        and found[i + 2].says(">>")
    )  # fmt: skip


class _Reader(Walk):
    """One method for each kind of statement; each ends behind its own."""

    def read(self) -> Iterator[Piece]:
        while self.at < len(self.tokens):
            before = self.at
            yield from self._statement()
            if self.at == before:
                self.at += 1

    def _statement(self) -> Iterator[Piece]:
        token = self.tokens[self.at]
        if token.says("<<"):
            self.at = self.find(">>") + 1
        elif token.says("#"):
            self.at = next(
                (i for i in range(self.at, len(self.tokens)) if self._breaks(i)), len(self.tokens)
            )
        elif self._is_assigned():
            yield from self._assignment_or_other()
        elif token.kind == "word" and token.text in _STATEMENTS:
            yield from _STATEMENTS[token.text](self)
        elif token.says(*_QUERIES):
            yield from self._query_statement(self.at)
        else:
            yield from self._assignment_or_other()

    def _is_assigned(self) -> bool:
        """Whether this is a variable and not a statement, whatever it is called."""
        known = self.tokens[self.at].text in self.scopes[-1]
        return known and self._assigns(self.at + 1)

    def _breaks(self, index: int) -> bool:
        """Whether a token is the first on a line after the current one."""
        return "\n" in self.body[self.tokens[self.at].start : self.tokens[index].start]

    # --- blocks ---------------------------------------------------------------------------

    def _begin(self) -> Iterator[Piece]:
        if not self.blocks or self.blocks[-1] != "declare":
            self._open("block")
        else:
            self.blocks[-1] = "block"
        self.at += 1
        return iter(())

    def _open(self, kind: str) -> None:
        self.blocks.append(kind)
        self.scopes.append(dict(self.scopes[-1]))

    def _end(self) -> Iterator[Piece]:
        if self.blocks:
            self.blocks.pop()
            self.scopes.pop()
        while self.at < len(self.tokens) and not self.tokens[self.at].says(";"):
            self.at += 1  # END CASE starts no other
        return self._word()

    def _declare(self) -> Iterator[Piece]:
        self._open("declare")
        self.at += 1
        while self.at < len(self.tokens) and not self.tokens[self.at].says("begin"):
            if self.tokens[self.at].says("<<"):
                self.at = self.find(">>") + 1
            elif self.tokens[self.at].says("declare"):
                self.at += 1
            else:
                yield from self._declaration()

    def _declaration(self) -> Iterator[Piece]:
        name, end = self.tokens[self.at].text, self.find(";")
        first = self.at + 1 + self.says(self.at + 1, "constant")
        cursor = next((i for i in range(first, min(end, first + 3)) if self.says(i, "cursor")), -1)
        if self.says(first, "alias"):
            self.scopes[-1][name] = self.scopes[-1].get(self.tokens[first + 2].text)
        elif cursor >= 0:
            self.scopes[-1][name] = "refcursor"
            yield from self._cursor(cursor, end)
        else:
            value = until(self.tokens, first, "default", ":=", "=", ";")
            self.scopes[-1][name] = self._type(first, value)
            yield from self.expression(value + 1, end)
        self.at = end + 1

    def _cursor(self, cursor: int, end: int) -> Iterator[Piece]:
        """The query of a cursor; the arguments of one are variables of its own."""
        start = until(self.tokens, cursor, "for", "is", ";")
        if start < end and not self.says(cursor + 1, "("):
            yield from self.query(start + 1, end)

    def _type(self, first: int, end: int) -> str | None:
        """The type of a declaration; ``t%ROWTYPE`` is the row type of t."""
        stop = until(self.tokens, first, "not", "collate", ":=", "=", "default", ";")
        text = self.text(first, min(stop, end))
        words = [token.text for token in self.tokens[first : min(stop, end)]]
        if words[-2:] == ["%", "rowtype"]:
            return text[: text.rindex("%")]
        if words[-2:] == ["%", "type"] and len(words) == 3:
            return self.scopes[-1].get(words[0])
        if words == ["record"]:
            return self._record(self.tokens[first - 1].text, end)
        return None if "record" in words or not words else text

    def _record(self, name: str, value: int) -> str | None:
        """The type of a record that is only ever assigned NEW or OLD; None of any other.

        ``value`` is where its declaration ends, or assigns.
        """
        given = [value] if not self.says(value, ";") else []
        for at, token in enumerate(self.tokens):
            before = self.tokens[at - 1]
            if not token.is_name or token.text != name or before.says("."):
                continue
            if before.says("into", "strict", ",", "for", "foreach", "("):
                return None  # filled by a query, or handed to what may change it
            if self._assigns(at + 1) and before.says(*_STARTS):
                given.append(at + 1)
        rows = [self.says(at + 2, ";") and self.tokens[at + 1].says("new", "old") for at in given]
        return TRIGGER_ROW if rows and all(rows) else None

    def _assigns(self, at: int) -> bool:
        return self.says(at, ":=") or self.says(at, "=")

    # --- control --------------------------------------------------------------------------

    def _if(self) -> Iterator[Piece]:
        if self.tokens[self.at].says("if"):
            self._open("if")
        then = self.find("then")
        yield from self.expression(self.at + 1, then)
        self.at = then + 1

    def _case(self) -> Iterator[Piece]:
        self._open("case")
        when = until(self.tokens, self.at + 1, "when")
        yield from self.expression(self.at + 1, when)
        self.at = when

    def _when(self) -> Iterator[Piece]:
        """A branch of CASE; those of EXCEPTION name conditions and no SQL."""
        then = self.find("then")
        if self.blocks and self.blocks[-1] == "case":
            yield from self.expression(self.at + 1, then)
        self.at = then + 1

    def _word(self) -> Iterator[Piece]:
        self.at += 1
        return iter(())

    def _loop(self) -> Iterator[Piece]:
        self._open("loop")
        self.at += 1
        return iter(())

    def _while(self) -> Iterator[Piece]:
        loop = self.find("loop")
        yield from self.expression(self.at + 1, loop)
        self.at = loop

    def _for(self) -> Iterator[Piece]:
        start, loop = until(self.tokens, self.at, "in"), self.find("loop")
        name, first = self.tokens[self.at + 1].text, start + 1
        self.at = loop
        dots = until(self.tokens, first, "..", "loop")
        if dots < loop:
            self.scopes[-1][name] = "integer"
            by = until(self.tokens, dots, "by", "loop")
            yield from self.expression(first + self.says(first, "reverse"), dots)
            yield from self.expression(dots + 1, by)
            yield from self.expression(by + 1, loop)
        elif self.tokens[first].says(*_QUERIES, "("):
            yield from self.query(first, loop)

    def _foreach(self) -> Iterator[Piece]:
        start, loop = until(self.tokens, self.at, "array"), self.find("loop")
        yield from self.expression(start + 1, loop)
        self.at = loop

    # --- statements -----------------------------------------------------------------------

    def _exit(self) -> Iterator[Piece]:
        end = self.find(";")
        yield from self.expression(until(self.tokens, self.at, "when", ";") + 1, end)
        self.at = end + 1

    def _return(self) -> Iterator[Piece]:
        end, first = self.find(";"), self.at + 1
        self.at = end + 1
        if self.says(first, "query"):
            if not self.says(first + 1, "execute"):
                yield from self.query(first + 1, end)
        else:
            yield from self.expression(first + self.says(first, "next"), end)

    def _raise(self) -> Iterator[Piece]:
        """What a message is filled with: the expressions behind the format, up to USING."""
        end = self.find(";")
        using = until(self.tokens, self.at, "using", ";")
        comma = until(self.tokens, self.at, ",", "using", ";")
        yield from self.expression(comma + 1, min(using, end))
        self.at = end + 1

    def _assert(self) -> Iterator[Piece]:
        end = self.find(";")
        yield from self.expression(self.at + 1, end)
        self.at = end + 1

    def _perform(self) -> Iterator[Piece]:
        end = self.find(";")
        yield from self.expression(self.at + 1, end)
        self.at = end + 1

    def _open_cursor(self) -> Iterator[Piece]:
        end = self.find(";")
        start = until(self.tokens, self.at, "for", ";")
        if start < end and not self.says(start + 1, "execute"):
            yield from self.query(start + 1, end)
        self.at = end + 1

    def _skipped(self) -> Iterator[Piece]:
        self.at = self.find(";") + 1
        return iter(())

    def _query_statement(self, first: int) -> Iterator[Piece]:
        end = self.find(";")
        yield from self.query(first, end)
        self.at = end + 1

    def _assignment_or_other(self) -> Iterator[Piece]:
        """``name := expression`` is read; statements of other kinds are not looked into."""
        end, equals = self.find(";"), until(self.tokens, self.at, ":=", "=", ";")
        target = self.tokens[self.at]
        assigned = equals < end and target.is_name and target.text in self.scopes[-1]
        if assigned:
            yield from self.target(self.at)
        if assigned or (equals < end and target.kind == "param"):
            yield from self.expression(equals + 1, end)
        self.at = end + 1


_STATEMENTS: dict[str, Callable[[_Reader], Iterator[Piece]]] = {
    "declare": _Reader._declare,
    "begin": _Reader._begin,
    "end": _Reader._end,
    "exception": _Reader._word,
    "if": _Reader._if,
    "elsif": _Reader._if,
    "elseif": _Reader._if,
    "else": _Reader._word,
    "case": _Reader._case,
    "when": _Reader._when,
    "loop": _Reader._loop,
    "while": _Reader._while,
    "for": _Reader._for,
    "foreach": _Reader._foreach,
    "exit": _Reader._exit,
    "continue": _Reader._exit,
    "return": _Reader._return,
    "raise": _Reader._raise,
    "assert": _Reader._assert,
    "perform": _Reader._perform,
    "open": _Reader._open_cursor,
    "execute": _Reader._skipped,
    "get": _Reader._skipped,
    "fetch": _Reader._skipped,
    "move": _Reader._skipped,
    "close": _Reader._skipped,
    "null": _Reader._skipped,
    "commit": _Reader._skipped,
    "rollback": _Reader._skipped,
}
