"""Difference: what one catalog has and another has not, and what they define otherwise."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

Objects = Mapping[str, Mapping[str, str]]
"""Kind -> identity -> definition."""


@dataclass(frozen=True, slots=True)
class Change:
    """One object that differs; ``old`` or ``new`` is None where it does not exist."""

    kind: str
    identity: str
    old: str | None
    new: str | None

    def __str__(self) -> str:
        """One line for what only one has, the lines that changed for what both have."""
        if self.old is None:
            return f"+ {_titled(self.identity, self.new)}"
        if self.new is None:
            return f"- {_titled(self.identity, self.old)}"
        return "\n".join([f"  {self.identity}", *_changed_lines(self.old, self.new)])


@dataclass(frozen=True, slots=True)
class Difference:
    """The way from one catalog to another: its changes, by kind and identity.

    True where there is a difference; ``str()`` is a readable text, ``+`` what the new
    catalog has and ``-`` what the old one had.
    """

    changes: tuple[Change, ...]

    @classmethod
    def between(cls, old: Objects, new: Objects) -> Difference:
        """The way from ``old`` to ``new``; a kind that only one of them has is not compared."""
        return cls(
            tuple(
                Change(kind, identity, before.get(identity), after.get(identity))
                for kind, before, after in ((k, old[k], new[k]) for k in new if k in old)
                for identity in _differing(before, after)
            )
        )

    @property
    def added(self) -> tuple[Change, ...]:
        """What only the new catalog has."""
        return tuple(change for change in self.changes if change.old is None)

    @property
    def removed(self) -> tuple[Change, ...]:
        """What only the old catalog has."""
        return tuple(change for change in self.changes if change.new is None)

    @property
    def changed(self) -> tuple[Change, ...]:
        """What both have with other definitions."""
        return tuple(c for c in self.changes if c.old is not None and c.new is not None)

    def __bool__(self) -> bool:
        return bool(self.changes)

    def __len__(self) -> int:
        return len(self.changes)

    def __str__(self) -> str:
        lines: list[str] = []
        for kind in dict.fromkeys(change.kind for change in self.changes):
            lines.append(kind)
            for change in self.changes:
                if change.kind == kind:
                    lines += (f"  {line}" for line in str(change).splitlines())
        return "\n".join(lines)


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The identities that one of two lacks, or that differ; most often there are none."""
    if before == after:
        return []
    return sorted(one for one in {*before, *after} if before.get(one) != after.get(one))


def _titled(identity: str, definition: str | None) -> str:
    """A definition of one line is worth showing; a longer one would hide the names."""
    return f"{identity}: {definition}" if definition and "\n" not in definition else identity


def _changed_lines(old: str, new: str) -> list[str]:
    """The lines that went and came, without those that stayed."""
    lines = difflib.ndiff(old.splitlines(), new.splitlines())
    return [f"    {line}" for line in lines if line[0] in "-+"]
