"""sqitch.plan: the changes of a project in their order, with what they depend on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from string import punctuation

from harness.core.errors import ScriptError
from harness.sources.files import read

_PRAGMA = re.compile(r"%\s*(?P<name>[\w-]+)\s*(?:=\s*(?P<value>.*?))?\s*$")
_STAMP = r"\s+(?P<stamp>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\s+[^#]*<[^>#]*>\s*(?:#.*)?$"
_TAG = re.compile(rf"@(?P<name>[^\s@#\[\]]+){_STAMP}")
_CHANGE = re.compile(
    rf"(?P<kind>[+-])?\s*(?P<name>[^\s@#\[\]:]+)(?:\s+\[(?P<needs>[^\]]*)\])?{_STAMP}"
)
_PUNCTUATION = frozenset(punctuation) - {"_"}
_IDENTITY = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Change:
    """One change. ``reworked`` are the tags between it and a later change of the same name."""

    name: str
    needs: tuple[str, ...]
    line: int
    tags: tuple[str, ...] = ()
    reworked: tuple[str, ...] = ()


@dataclass(slots=True)
class _Plan:
    """A plan as far as it has been read."""

    path: Path
    project: str = ""
    names: list[tuple[str, tuple[str, ...], int]] = field(default_factory=list)
    tags: list[list[str]] = field(default_factory=list)

    def line(self, number: int, text: str) -> None:
        """Take the next line."""
        if not text or text.startswith("#"):
            return
        if pragma := _PRAGMA.match(text):
            self._pragma(number, pragma)
        elif tag := _TAG.match(text):
            self._tag(number, tag["name"])
        elif change := _CHANGE.match(text):
            self._change(number, change)
        else:
            raise self.error(number, "neither a change nor a tag with its time and its planner")

    def changes(self) -> Iterator[Change]:
        """The changes; one that is planned again below knows the tags in between."""
        self._project()
        names = [name for name, _, _ in self.names]
        for index, (name, needs, line) in enumerate(self.names):
            again = names.index(name, index + 1) if name in names[index + 1 :] else index
            between = [tag for tags in self.tags[index:again] for tag in tags]
            if again > index and not between:
                message = f"{name} is planned again without a tag since line {line}"
                raise self.error(self.names[again][2], message)
            yield Change(name, needs, line, tuple(self.tags[index]), tuple(between))

    def error(self, line: int, message: str) -> ScriptError:
        """An error of the plan."""
        return ScriptError(self.path, line, message)

    def _project(self) -> None:
        """What can only be seen at the end: the project's name, and conflicts with nothing."""
        if not self.project:
            raise self.error(1, "no %project: sqitch wants one")
        for _, needs, number in self.names:
            for one in needs:
                if one.startswith("!") and not self._above(one.lstrip("!").rpartition(":")[2]):
                    raise self.error(number, f"conflicts with {one[1:]}, which is not in the plan")

    def _pragma(self, number: int, found: re.Match[str]) -> None:
        if found["name"] == "project":
            self.project = found["value"] or ""
        if found["name"] == "syntax-version" and not (found["value"] or "").startswith("1.0."):
            raise self.error(number, f"syntax-version {found['value']}: 1.0.0 is supported")

    def _tag(self, number: int, name: str) -> None:
        if not self.tags:
            raise self.error(number, f"@{name} stands above every change")
        if any(name in tags for tags in self.tags):
            raise self.error(number, f"@{name} is there already")
        self.tags[-1].append(name)

    def _change(self, number: int, found: re.Match[str]) -> None:
        if found["kind"] == "-":
            raise self.error(number, "a change that reverts another is not supported")
        if {found["name"][0], found["name"][-1]} & _PUNCTUATION:
            raise self.error(number, "the name of a change begins and ends without punctuation")
        needs = tuple((found["needs"] or "").split())
        for one in needs:
            self._check(number, one)
        self.names.append((found["name"], needs, number))
        self.tags.append([])

    def _check(self, number: int, dependency: str) -> None:
        """Of the changes above, what is required must be one and a conflict none."""
        project, colon, name = dependency.lstrip("!").rpartition(":")
        if colon and project != self.project:
            raise self.error(number, f"{dependency}: another project's changes are not known here")
        there = self._above(name)
        if dependency.startswith("!") and there:
            raise self.error(number, f"conflicts with {name}, which is deployed before it")
        if not dependency.startswith("!") and not there:
            raise self.error(number, f"requires {name}, which is not deployed before it")

    def _above(self, name: str) -> bool:
        change, _, tag = name.partition("@")
        known_change = not change or any(change == one for one, _, _ in self.names)
        known_tag = not tag or any(tag in tags for tags in self.tags)
        return bool(_IDENTITY.fullmatch(name)) or (known_change and known_tag)


def changes(path: Path) -> tuple[Change, ...]:
    """All changes of a plan in its order. Raises ScriptError."""
    plan = _Plan(path)
    for number, line in enumerate(read(path), 1):
        plan.line(number, line.strip())
    return tuple(plan.changes())
