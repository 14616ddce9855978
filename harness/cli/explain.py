"""The command ``explain``: the page of a rule, a property, a kind of mutant, an outcome, a code."""

from __future__ import annotations

import inspect
import re
import sys
import textwrap
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from harness.cli import meanings
from harness.core.errors import ConfigError
from harness.core.results import Outcome
from harness.core.text import nearest
from harness.reports import terminal

_LINTERS = {
    "squawk": "https://squawkhq.com/docs/{}",
    "sqlfluff": "https://docs.sqlfluff.com/en/stable/reference/rules.html#rule-{}",
}
"""Linter of others -> where it explains a rule."""
_COMMENT = "To accept one: -- harness: allow {} REASON, at the statement."


class Topic(NamedTuple):
    """A page: what it is about, in a word or two what that is, and the text."""

    id: str
    what: str
    text: str
    accept: str = ""
    """How one that is right as it is can be accepted."""
    manual: str = ""
    """A URL that says more."""


def explain(ids: Sequence[str]) -> str:
    """The pages of some ids; without any, the list of all.

    Raises ConfigError for one that nothing has, with what is near.
    """
    topics = list(every())
    if not ids:
        return listing(topics)
    return "\n\n".join(_page(one) for id_ in ids for one in _named(id_, topics))


def every() -> Iterator[Topic]:
    """All topics, one family after the other."""
    for id_, text in meanings.OUTCOMES.items():
        yield Topic(id_, "outcome", text)
    for id_, text in meanings.EXIT_CODES.items():
        yield Topic(id_, "exit code", text)
    yield from _lint_rules()
    yield from _migration_rules()
    yield from _properties()
    for id_, text in meanings.ACCESS.items():
        yield Topic(id_, "rule of harness access, fails", text)
    for id_, text in meanings.MUTANTS.items():
        accept = "To accept one: -- harness: allow mutant:ID REASON, at the object."
        yield Topic(id_, "kind of mutant", text, accept)


def _lint_rules() -> Iterator[Topic]:
    from harness.lint.catalog import RULES

    for id_, text in meanings.LINT.items():
        yield Topic(id_, "rule of harness lint", text, _COMMENT.format(f"harness:{id_}"))
    for rule in RULES:
        fails = "advice" if rule.severity == "advice" else "fails"
        what = f"rule of harness lint, on the catalog, {fails}"
        yield Topic(rule.id, what, _documented(rule), _COMMENT.format(f"catalog:{rule.id}"))


def _migration_rules() -> Iterator[Topic]:
    from harness.migrations.revision_result import PASS_FAULTS
    from harness.migrations.rules import RULES

    texts = {id_: (text, id_ in PASS_FAULTS) for id_, text in meanings.MIGRATIONS.items()}
    texts |= {one.id: (_documented(one), one.outcome is Outcome.FAILED) for one in RULES}
    for id_, (text, fails) in texts.items():
        what = f"rule of harness migrations, {'fails' if fails else 'advice'}"
        yield Topic(id_, what, text, _COMMENT.format(f"migrations:{id_}"))


def _properties() -> Iterator[Topic]:
    from harness.properties.checks import CHECKS
    from harness.properties.reference import explained

    accept = 'To accept one: allow = { "ID" = "REASON" } in [tool.harness.properties].'
    for check in CHECKS:
        what = f"property check, of {check.group}"
        yield Topic(check.id, what, explained(check), accept, check.manual)


def _documented(rule: type) -> str:
    return inspect.cleandoc(sys.modules[rule.__module__].__doc__ or "")


def _named(id_: str, topics: Sequence[Topic]) -> list[Topic]:
    """What goes by an id, as reports write it or in short."""
    linter, _, rule = id_.partition(":")
    if rule and linter in _LINTERS:
        where = _LINTERS[linter].format(rule)
        said = f"{linter} explains its rules itself."
        return [Topic(id_, f"rule of {linter}", said, _COMMENT.format(id_), where)]
    short = id_.rpartition("::")[2].rpartition(":")[2] if ":" in id_ else id_
    for word in (id_, short, short.replace("_", " ")):
        if found := [one for one in topics if one.id.lower() == word.lower()]:
            return found
    if found := [one for one in topics if _has_aspect(one, short)]:
        return found
    known = dict.fromkeys(one.id for one in topics)
    raise ConfigError(f"explain: nothing is called {id_!r}{nearest(short, known)}")


def _has_aspect(topic: Topic, word: str) -> bool:
    """Whether it is a property check that says something of what a property's id ends with."""
    return topic.what.startswith("property") and f"`{word}`" in topic.text


def listing(topics: Sequence[Topic]) -> str:
    """Every id under what it is."""
    families: dict[str, list[str]] = {}
    for one in topics:
        families.setdefault(one.what.partition(",")[0], []).append(one.id)
    room = terminal.width(sys.stdout)
    return "\n\n".join(
        f"{what}\n" + "\n".join(f"  {line}" for line in terminal.wrapped(", ".join(ids), room - 2))
        for what, ids in families.items()
    )


def _page(topic: Topic) -> str:
    out = sys.stdout
    heading = f"{terminal.coloured(topic.id, '1', out)}: {topic.what}"
    parts = [*re.split(r"\n{2,}", topic.text), topic.accept, topic.manual]
    return "\n\n".join([heading, *(_reflowed(part) for part in parts if part)])


def _reflowed(paragraph: str) -> str:
    """A paragraph as wide as the terminal; tables and code stay as they are."""
    text = paragraph.replace("``", "`")
    if re.match(r"[|*\d]|https?:", text) or "\n    " in text:
        return text
    items = re.split(r"\n(?=- )", text)
    fill = partial(textwrap.fill, width=terminal.width(sys.stdout), break_on_hyphens=False)
    hanging = "  " if text.startswith("- ") else ""
    return "\n".join(fill(" ".join(one.split()), subsequent_indent=hanging) for one in items)
