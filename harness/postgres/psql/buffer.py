"""The statement being collected, and what its words say about where it ends."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

# psql knows two kinds of statements by their words outside parentheses. In a function
# or procedure BEGIN, CASE and END count, for the sake of BEGIN ATOMIC; a COPY with FROM
# STDIN has its data in the lines after it. The state is how far a statement got on its
# way there; None: it is of neither kind.
_HEADS: dict[tuple[str | None, str], str] = {
    ("", "create"): "create",
    ("create", "or"): "create or",
    ("create or", "replace"): "replace",
    ("create", "function"): "body",
    ("create", "procedure"): "body",
    ("replace", "function"): "body",
    ("replace", "procedure"): "body",
    ("", "copy"): "copy",
    ("copy", "from"): "from",
    ("from", "from"): "from",
    ("from", "stdin"): "input",
    ("from", "stdout"): "input",
}
# In these any other word leaves the statement what it is.
_PATIENT = {"copy": "copy", "from": "copy", "body": "body", "input": "input"}


@dataclass(slots=True)
class Buffer:
    r"""The statement collected so far, and where the lexer stands in its grammar.

    ``first`` is the line of its first real token, 0 before there is one; ``keywords``
    the first word of each statement in it (several when joined by ``\;``); ``inputs``
    how many of them are a COPY FROM STDIN.
    """

    parts: list[str] = field(default_factory=list)
    size: int = 0
    first: int = 0
    parens: int = 0
    begins: int = 0
    inputs: int = 0
    head: str | None = ""
    keywords: list[str] = field(default_factory=list)
    breaks: list[tuple[int, int]] = field(default_factory=list)

    def copy(self) -> Buffer:
        """Make an equal buffer that can go its own way."""
        return replace(
            self,
            parts=self.parts.copy(),
            keywords=self.keywords.copy(),
            breaks=self.breaks.copy(),
        )

    def append(self, text: str, line: int) -> None:
        """Add what stands on ``line`` of the file."""
        if not self.parts:
            self.breaks.append((0, line))
        self.parts.append(text)
        self.size += len(text)

    def count(self, word: str) -> None:
        """Follow the words that tell the kind of the statement."""
        if self.head == "":
            self.keywords.append(word)
        elif self.parens and self.head in _PATIENT:
            return
        before = self.head
        self.head = _HEADS.get((before, word)) or _PATIENT.get(before or "")
        self.inputs += before == "from" and self.head == "input"
        if before == "body":
            self._nest(word)

    def _nest(self, word: str) -> None:
        """Count the open blocks of a body; a CASE matters only inside one, for its END."""
        if word == "begin" or (word == "case" and self.begins):
            self.begins += 1
        elif word == "end" and self.begins:
            self.begins -= 1
