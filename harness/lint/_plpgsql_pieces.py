"""The pieces of SQL in a PL/pgSQL body, cut out where they stand (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from harness.lint._plpgsql_tokens import Token, until

Types = dict[str, str | None]
"""Variable -> type as it stands in SQL; None where only a run knows it, as of a record."""


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
        """The tokens as a query, if there are any."""
        if first < min(end, len(self.tokens)):
            yield self._piece("", self._without_into(first, end), first, end)

    def _piece(self, lead: str, text: str, first: int, end: int) -> Piece:
        names = frozenset(token.text for token in self.tokens[first:end] if token.is_name)
        params = frozenset(t.text for t in self.tokens[first:end] if t.kind == "param")
        start = self.tokens[first].start
        return Piece(lead + text, start, len(lead), names | params, dict(self.scopes[-1]))

    def _without_into(self, first: int, end: int) -> str:
        """A query with blanks for ``INTO [STRICT] target, ...``, which is PL/pgSQL's."""
        text, offset = self.text(first, end), self.tokens[first].start
        for at in range(first, end):
            if self.says(at, "into") and not self.tokens[at - 1].says("insert", "merge"):
                start, stop = self.tokens[at].start - offset, self._targets_end(at, end) - offset
                return text[:start] + _blank(text[start:stop]) + text[stop:]
        return text

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
