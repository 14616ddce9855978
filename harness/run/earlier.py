"""The schema before what is new: which tables a change touches, and what was so before.

Where revisions are old (`harness.sources.age`), the properties of a table count if something that
is new touches it: the table itself, a function that its triggers call, a type or a table that these
name. Names are looked for in the server's own definitions, so that rather too many tables are tried
than too few.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from harness.core.errors import SchemaError
from harness.core.results import Group, Outcome
from harness.instance import Instance, open_instance
from harness.postgres.database import Template
from harness.postgres.database.shared import touches_server
from harness.postgres.schema_model import Name
from harness.postgres.snapshot import Catalog, Difference
from harness.sources import open_source, texts
from harness.sources.age import Age, age_of

Objects = Mapping[str, Mapping[str, str]]
"""Kind -> identity -> definition."""
_CODE = ("function", "procedure", "aggregate", "operator", "view", "materialized view", "rule")
"""Kinds whose definitions run on behalf of tables that do not name what is in them."""
_PARTS = ("index", "sequence", "trigger", "policy", "rule", "statistics")
"""Kinds whose definitions name the table that they belong to."""
_RELATIONS = ("table", "foreign table", "view", "materialized view")
_RIGHTS = ("privilege", "owner", "default privilege")
_OF_CODE = ("function ", "procedure ", "aggregate ")
"""How rights begin that are about code: it is looked into."""
_OF_ALL = ("setting", "extension", "language", "cast", "collation")
"""Kinds that may matter to any table without being named by it."""
_LAST_NAME = re.compile(r'(?:^|\.)("(?:[^"]|"")+"|[^."(]+)(?:\(|$)')
"""The last part of an identity: ``touch`` of ``public.touch(integer)``."""


@dataclass
class Earlier:
    """What there was before the revisions that are new."""

    instance: Instance
    age: Age
    _stack: ExitStack = field(default_factory=ExitStack)

    @cached_property
    def before(self) -> Instance | None:
        """An instance with the old revisions only; None where they do not apply by themselves.

        On the same server, but for schemas that make roles, which are there by now.
        """
        names = frozenset(one.name for one in self.age.new)
        config = replace(self.instance.config, left_out=names)
        source = open_source(config)
        if source is not None and touches_server(texts(source)):
            found = self._stack.enter_context(open_instance(config))
        else:
            found = Instance(config, self.instance.cluster, source)
            self._stack.callback(found.close)
        try:
            found.prepare()
        except SchemaError:  # one that was edited is missing to those after it
            return None
        return found

    @cached_property
    def touched(self) -> frozenset[Name] | None:
        """The tables and views that what is new touches; None where that cannot be told."""
        if not self.age.new:
            return frozenset()
        if self.before is None:
            return None
        return _touched(*self._states)

    @cached_property
    def reached(self) -> frozenset[Name] | None:
        """The relations that somebody may reach otherwise by what is new; None where any may be.

        Besides what is touched: what new code reads, whatever it goes through.
        """
        texts_of_new = [path.read_text("utf-8", "replace") for path in self._new_files]
        if self.touched is None or touches_server(texts_of_new):
            return None
        if not self.age.new:
            return frozenset()
        read = _read_by_changes(*self._states)
        return None if read is None else self.touched | read

    @property
    def _new_files(self) -> list[Path]:
        return [path for one in self.age.new for path in (one.up, one.down) if path]

    @cached_property
    def _states(self) -> tuple[Objects, Objects]:
        assert self.before is not None
        return _objects(self.before.template, self.before), _objects(
            self.instance.template, self.instance
        )

    def close(self) -> None:
        """Close what was opened for it."""
        self._stack.close()


@contextmanager
def earlier(instance: Instance) -> Iterator[Earlier | None]:
    """What there was before; None where all of the schema is judged."""
    config, source = instance.config, instance.source
    age = age_of(config, source) if not config.left_out else None
    if age is None or not (age.old or age.new):
        yield None
        return
    found = Earlier(instance, age)
    try:
        yield found
    finally:
        found.close()


def known_before(group: Group, failed: Collection[tuple[str, str]], since: str) -> Group:
    """A group, with failures that a change did not make, by id and title, as known."""
    reason = f"failed before the change: since {since}"
    results = tuple(
        one._replace(
            outcome=Outcome.TODO, reason=reason, facts={**one.facts, "known": one.outcome.value}
        )
        if one.outcome is Outcome.FAILED and (one.id, one.title) in failed
        else one
        for one in group.results
    )
    return replace(group, results=results)


def _objects(template: Template, instance: Instance) -> Objects:
    tables = instance.source.bookkeeping if instance.source else ()
    with template.cloned() as database, database.connect() as connection:
        ignored = (instance.config.pgtap_schema,)
        return Catalog.of(connection, ignore=ignored, tables=tables).objects


def _touched(old: Objects, new: Objects) -> frozenset[Name] | None:
    """The tables and views of the new catalog that differ, or that name what differs."""
    relations = _all_relations(new)
    found, names = set[str](), set[str]()
    for one in Difference.between(old, new).changes:
        if one.kind in _OF_ALL:
            return None
        words = f"{one.identity} {one.old or ''} {one.new or ''}"
        own = _relations(words if one.kind in _PARTS else one.identity, relations)
        found |= own
        names |= set() if own else {_bare(one.identity)}
    names |= {_bare(one) for one in found}
    names |= _callers(new, names)
    mentions = _mentioning(names)
    for kind, objects in new.items():
        if kind in ("comment", "privilege", "owner"):
            continue
        for identity, definition in objects.items():
            if mentions.search(definition):
                found |= _relations(identity, relations)
    return frozenset(map(_name, found))


def _read_by_changes(old: Objects, new: Objects) -> frozenset[Name] | None:
    """The relations that changed definitions name, or code and views that they name."""
    relations = _all_relations(new)
    bare = {one: _bare(one) for one in relations}
    code = {i: text for kind in _CODE for i, text in new.get(kind, {}).items()}
    texts_ = []
    for one in Difference.between(old, new).changes:
        words = f"{one.identity} {one.old or ''} {one.new or ''}"
        told = _relations(words, relations) or one.identity.startswith(_OF_CODE)
        if one.kind in _RIGHTS and not told:
            return None
        texts_.append(words)
    while True:
        words = "\n".join(texts_)
        more = [text for i, text in code.items() if _mentioning([_bare(i)]).search(words)]
        if not (fresh := [text for text in more if text not in texts_]):
            break
        texts_ += fresh
    found = {one for one, name in bare.items() if _mentioning([name]).search(words)}
    return frozenset(map(_name, found))


def _all_relations(objects: Objects) -> frozenset[str]:
    return frozenset(one for kind in _RELATIONS for one in objects.get(kind, {}))


def _callers(new: Objects, names: Collection[str]) -> set[str]:
    """What code names one of the names, or code that does."""
    code = {i: text for kind in _CODE for i, text in new.get(kind, {}).items()}
    found = set[str]()
    while True:
        mentions = _mentioning({*names, *found})
        more = {_bare(i) for i, text in code.items() if mentions.search(text)} - found
        if not more:
            return found
        found |= more


def _mentioning(names: Collection[str]) -> re.Pattern[str]:
    several = "|".join(re.escape(name) for name in sorted(names) if name)
    return re.compile(rf"(?<!\w)(?:{several or '(?!)'})(?!\w)")


def _relations(text: str, relations: Collection[str]) -> set[str]:
    """The relations that a text names: ``public.tasks`` in ``touch ON public.tasks``.

    A column is named by its table: ``public.tasks.title``.
    """
    if '"' in text:
        return {one for one in relations if one in text}
    words = set(re.split(r"[\s(),;]+", text))
    words |= {word.rpartition(".")[0] for word in words}
    return words & {*relations}


def _bare(identity: str) -> str:
    """The last name of an identity, without quotes."""
    match = _LAST_NAME.search(identity)
    return match[1].strip('"').replace('""', '"') if match else identity


def _name(relation: str) -> Name:
    """``public.tasks``, each part perhaps in quotes, as a name."""
    parts = re.findall(r'"(?:[^"]|"")+"|[^.]+', relation)
    schema, table = (part.strip('"').replace('""', '"') for part in parts[-2:])
    return Name(schema, table)
