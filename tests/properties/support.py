"""Decide the properties of a schema that a test writes down."""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

import psycopg
import pytest
from psycopg import sql

from harness.core.results import Outcome
from harness.postgres.cluster import Cluster
from harness.postgres.database import Database, Template, build_template
from harness.postgres.schema_model import Schema
from harness.properties.base import Decision, Property, PropertyCheck
from harness.properties.campaign import Campaign
from harness.properties.check_context import Tools
from harness.properties.property_checker import Terms

PASSED, FAILED, UNDECIDED = Outcome.PASSED, Outcome.FAILED, Outcome.UNDECIDED
ADVICE = Outcome.ADVICE


@contextmanager
def campaign(
    cluster: Cluster, schema: str, *checks: type[PropertyCheck] | PropertyCheck
) -> Iterator[Campaign]:
    """The properties of a schema, given as SQL."""
    with built(cluster, schema, *checks) as (made, _):
        yield made


@contextmanager
def built(
    cluster: Cluster, schema: str, *checks: type[PropertyCheck] | PropertyCheck
) -> Iterator[tuple[Campaign, Template]]:
    """The same, and the template that it clones."""
    read: list[Schema] = []

    def build(connection: psycopg.Connection[Any]) -> None:
        connection.execute(schema.encode())
        read.append(Schema.read(connection, ignore=["tap"]))

    template = build_template(cluster, build)
    try:
        made = [check() if isinstance(check, type) else check for check in checks]
        terms = Terms({one.id: one for one in made}, Tools(template.cloned))
        yield Campaign(read[0], terms), template
    finally:
        template.close()
        template.drop()


def decide(
    cluster: Cluster, schema: str, *checks: type[PropertyCheck] | PropertyCheck
) -> dict[str, Decision]:
    """What becomes of each property, by id; a crash of a check fails the test."""
    with built(cluster, schema, *checks) as (made, template):
        decided = run_once(made, template, made.properties())
    crashes = [one.crash for one in decided if one.crash]
    assert not crashes, crashes[0]
    return {one.prop.id: one for one in decided}


_MADE = re.compile(
    r"CREATE (?:TABLE|VIEW|FUNCTION|TYPE|DOMAIN|SEQUENCE|SCHEMA) (?:\w+\.)?(\w+)", re.IGNORECASE
)


def decide_each(
    cluster: Cluster,
    before: str,
    schemas: Mapping[str, str],
    *checks: type[PropertyCheck] | PropertyCheck,
) -> dict[str, dict[str, Decision]]:
    """What becomes of the properties of several schemas, by name, in one database.

    What a schema makes has a number behind its name there, and ids are given without it. Rows are
    generated from the names of tables: the number is the same whatever other schemas there are.
    ``before`` is for all of them.
    """
    numbers, text = numbered(schemas)
    found: dict[str, dict[str, Decision]] = defaultdict(dict)
    for key, decision in decide(cluster, before + text, *checks).items():
        number = re.search(r"__(\d+)::", key)
        assert number, key
        found[numbers[number[1]]][re.sub(r"__\d+", "", key)] = decision
    return found


Each = Callable[..., Mapping[str, dict[str, Decision]]]


@pytest.fixture(scope="module")
def each(cluster: Cluster) -> Each:
    """``each(schemas, checks)[schema]``: several schemas, decided once for a module's tests."""

    @cache
    def decided(
        schemas: tuple[str, ...], checks: tuple[type[PropertyCheck], ...], before: str = ""
    ) -> Mapping[str, dict[str, Decision]]:
        return decide_each(cluster, before, {one: one for one in schemas}, *checks)

    return decided


def numbered(schemas: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """The names of schemas by number, and all of them for one database.

    What a schema makes has its number behind its name: ``t__12345``.
    """
    numbers = {str(zlib.crc32(name.encode()) % 100_000): name for name in schemas}
    assert len(numbers) == len(schemas)
    texts = (_numbered(schemas[name], number) for number, name in numbers.items())
    return numbers, "\n".join(texts)


def _numbered(schema: str, number: str) -> str:
    made = "|".join(map(re.escape, set(_MADE.findall(schema))))
    return re.sub(rf"\b({made})\b", rf"\1__{number}", schema)


class AnotherClone(BaseException):
    """A check wants a clone while the template itself is lent; no check catches this."""


def run_once(made: Campaign, template: Template, properties: Sequence[Property]) -> list[Decision]:
    """The decisions on properties, the last that is done with the template.

    A clone costs as much as many a check. The checks work in transactions that they roll back, so
    they work in the template itself, unless they want another clone of it, or there are numbers
    of sequences, which no rollback brings back.
    """
    if not properties:
        return []
    if not made.schema.sequences:
        tools = replace(made.terms.tools, clone=lent(template))
        try:
            return _decided(replace(made, terms=replace(made.terms, tools=tools)), properties)
        except AnotherClone:
            pass
    return _decided(made, properties)


def _decided(made: Campaign, properties: Sequence[Property]) -> list[Decision]:
    with closing(made.run(properties, 1)) as tables:
        return [one for some in tables for one in some]


def lent(template: Template) -> Callable[[], AbstractContextManager[Database]]:
    """What gives the template's own database, to one at a time."""
    in_use: list[Database] = []

    @contextmanager
    def database() -> Iterator[Database]:
        if in_use:
            raise AnotherClone
        name = sql.Identifier(template.name)
        with template.maintenance() as connection:
            connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))
        in_use.append(Database(template.cluster, template.name))
        try:
            yield in_use[0]
        finally:
            in_use.clear()

    return database


def answers(decision: Decision) -> str:
    """Everything that the server said."""
    return "\n".join(step.answer for step in decision.evidence)


def outcomes(decisions: dict[str, Decision]) -> dict[str, str]:
    """Outcomes by id, to be compared with a whole."""
    return {name: one.outcome.value for name, one in decisions.items()}
