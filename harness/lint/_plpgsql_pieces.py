"""The pieces of SQL in a PL/pgSQL body, cut out where they stand (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from harness.lint._plpgsql_tokens import Token, until

Types = dict[str, str | None]
"""Variable -> type as it stands in SQL; None where only a run knows it, as of a record."""
TRIGGER_ROW = "NEW"
"""The type of what is a row of the table that a trigger is on: no type is called so, unquoted."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A query, or an expression as the query that computes it.

    ``start`` is the index in the body of the character at index ``lead`` of ``sql``: what comes
    before is ours, what follows is the body's, character by character.
    """

    sql: str
    start: int
    lead: int
    words: frozenset[str]
    """All names in it."""
    types: Mapping[str, str | None]


@dataclass
class Walk:
    """A walk over the tokens of a body: where it is, and what is declared there."""

    body: str
    tokens: list[Token]
    scopes: list[Types]
    """The variables of each block that is open, those of the blocks around it included."""
    at: int = 0
    blocks: list[str] = field(default_factory=list)
    """What is open: declare, block, if, case, loop."""

    def find(self, word: str) -> int:
        """The index of the next such word, from here; the number of tokens for none."""
        return until(self.tokens, self.at, word)

    def says(self, index: int, word: str) -> bool:
        """Whether a token is this word."""
        return index < len(self.tokens) and self.tokens[index].says(word)

    def text(self, first: int, end: int) -> str:
        """What stands from a token up to, without, another."""
        return self.body[self.tokens[first].start : self.tokens[end - 1].end] if first < end else ""

    def expression(self, first: int, end: int) -> Iterator[Piece]:
        """The tokens as an expression, if there are any."""
        if first < min(end, len(self.tokens)):
            yield self._piece("SELECT ", self.text(first, end), first, end)

    def query(self, first: int, end: int) -> Iterator[Piece]:
        """The tokens as a query, if there are any, and the fields that its INTO fills."""
        if first < min(end, len(self.tokens)):
            yield self._piece("", self._without_into(first, end), first, end)
            if (at := self._into(first, end)) is not None:
                yield from self._filled(at, end)

    def target(self, at: int) -> Iterator[Piece]:
        """The field of a variable that is assigned to, ``new.x``, as the query that reads it."""
        tokens = self.tokens[at : at + 3]
        if len(tokens) < 3 or not (tokens[1].says(".") and tokens[2].is_name):
            return
        if tokens[0].is_name and tokens[0].text in self.scopes[-1]:
            yield from self.expression(at, at + 3)

    def _filled(self, into: int, end: int) -> Iterator[Piece]:
        """The targets of INTO that are fields."""
        last = self._targets_end(into, end)
        for at in range(into + 1, end):
            if self.tokens[at].start >= last:
                return
            if not self.tokens[at - 1].says("."):
                yield from self.target(at)

    def _into(self, first: int, end: int) -> int | None:
        """The index of PL/pgSQL's INTO in a query; None where it has none."""
        found = (
            at
            for at in range(first, end)
            if self.says(at, "into") and not self.tokens[at - 1].says("insert", "merge")
        )
        return next(found, None)

    def _piece(self, lead: str, text: str, first: int, end: int) -> Piece:
        names = frozenset(token.text for token in self.tokens[first:end] if token.is_name)
        params = frozenset(t.text for t in self.tokens[first:end] if t.kind == "param")
        start = self.tokens[first].start
        return Piece(lead + text, start, len(lead), names | params, dict(self.scopes[-1]))

    def _without_into(self, first: int, end: int) -> str:
        """A query with blanks for ``INTO [STRICT] target, ...``, which is PL/pgSQL's."""
        text, offset = self.text(first, end), self.tokens[first].start
        at = self._into(first, end)
        if at is None:
            return text
        start, stop = self.tokens[at].start - offset, self._targets_end(at, end) - offset
        return text[:start] + _blank(text[start:stop]) + text[stop:]

    def _targets_end(self, into: int, end: int) -> int:
        """Where the targets end: names with their parts and subscripts, commas between them."""
        at = into + 1 + self.says(into + 1, "strict")
        while True:
            at += 1
            while at < end and self.tokens[at].says(".", "["):
                at = at + 2 if self.tokens[at].says(".") else until(self.tokens, at + 1, "]") + 1
            if at >= end or not self.tokens[at].says(","):
                return self.tokens[at - 1].end
            at += 1


def _blank(text: str) -> str:
    return "".join("\n" if char == "\n" else " " for char in text)
