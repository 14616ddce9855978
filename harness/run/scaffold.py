"""Test files for tables, from the catalog: structure, constraints, triggers.

Each assertion is tried before it is written: it passes on the schema as it is. Then the objects of
the table are changed, one change after the other (`harness.mutation`), and the file has to notice.
"""

# ruff: noqa: S608  what is written is SQL text, with names and values quoted by `quoted` and `literal`

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg

from harness.core.config import TESTS_CONVENTIONS, Config
from harness.core.errors import ConfigError
from harness.instance import Instance, open_instance
from harness.mutation.declared import Declared
from harness.mutation.mutant import Mutant, literal, quoted
from harness.mutation.operators import mutants
from harness.postgres.schema_model import Table
from harness.run.scaffold_file import Scaffold, Step, holds, is_, keep_what_passes, notices
from harness.run.scaffold_rows import row_steps

_KINDS = {"check", "column", "enum", "exclude", "foreign key", "key", "index", "trigger"}
_KINDS |= {"unique", "primary key", "function"}
"""Kinds of mutants that such a file is about; rights are the matter of others."""
Connection = psycopg.Connection[Any]


def tests(config: Config, names: Sequence[str], dry_run: bool) -> str:
    """Write a test file for each table, all tables if none is named; what is to be said.

    A file that is there is left alone. Raises ConfigError.
    """
    with open_instance(config) as instance:
        return written(config, scaffolds(instance, names), dry_run)


def written(config: Config, made: Iterable[Scaffold], dry_run: bool) -> str:
    """Write files where the project has its tests, unless they are there; what is to be said."""
    folder = _folder(config)
    said = []
    for one in made:
        path = folder / one.file
        shown = path.relative_to(config.root) if path.is_relative_to(config.root) else path
        if path.exists():
            said.append(f"{shown}: is there already, and is left alone")
            continue
        if dry_run:
            said.append(f"{shown}: would be written\n{one.text}")
            continue
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(one.text, encoding="utf-8")
        said.append(f"{shown}: {one.said}")
    return "\n".join(said)


def _folder(config: Config) -> Path:
    found = [one for one in config.tests if one.is_dir() or not (one.exists() or one.suffix)]
    return found[0] if found else config.root / TESTS_CONVENTIONS[0]


def scaffolds(
    instance: Instance, names: Sequence[str] = (), only_structure: bool = False
) -> Iterator[Scaffold]:
    """A verified file for each table. Raises ConfigError for a table that is not there.

    With ``only_structure`` its assertions pass, no changes are tried, and what a later revision
    adds to the table is in nobody's way.
    """
    source = instance.source
    provided = source.provided if source is not None else frozenset[str]()
    notes = [".".join(name) for name in instance.bookkeeping]
    ignored = [instance.config.pgtap_schema]
    with instance.template.cloned() as database, database.connect() as connection:
        declared = Declared.read(connection, ignored, notes, provided)
        schema = declared.schema
        every = [one for one in schema if one.holds_rows and one.name.schema not in provided]
        chosen = [schema.table(name) for name in names] or every
        if not chosen:
            raise ConfigError("scaffold: the schema has no table to write tests for")
        changes = [] if only_structure else mutants(declared)
        for table in chosen:
            made = Scaffold(table, [Step(text) for text in _structure(connection, table)])
            if only_structure:
                made.about = "what it is made of"
            else:
                made.steps += map(Step, _complete(table))
                made.steps += row_steps(connection, schema, table)
            keep_what_passes(connection, made)
            _verify(connection, made, changes)
            yield made


# --- what is asserted ------------------------------------------------------------------


def _structure(connection: Connection, table: Table) -> Iterator[str]:
    """Assertions on columns, constraints, indexes and triggers."""
    schema, name = literal(table.name.schema), literal(table.name.name)
    at, relation = f"{schema}, {name}", literal(quoted(*table.name))
    yield f"SELECT has_table({at}, {literal(f'table {table.name}')});"
    for column in table.columns:
        where, said = f"{at}, {literal(column.name)}", column.name
        kind = literal(column.type_sql)
        yield f"SELECT col_type_is({where}, {kind}, {literal(f'type of {said}')});"
        if column.not_null:
            yield f"SELECT col_not_null({where}, {literal(f'{said} is required')});"
        elif column.nullable:
            yield f"SELECT col_is_null({where}, {literal(f'{said} may be NULL')});"
        if column.identity:
            way = literal(column.identity.upper())
            yield f"SELECT col_is_identity({where}, {way}, {literal(f'{said} is an identity')});"
        if column.generated or column.default:
            call = _DEFAULT.format(relation, literal(column.name))
            found = connection.execute(f"SELECT {call}".encode()).fetchone()
            if found and found[0] is not None:  # that of a domain stands elsewhere
                plain = "" if column.generated else _plain_default(where, found[0], said)
                shown = plain and holds(connection, plain)
                yield plain if shown else is_(call, found[0], f"value of {said}")
    yield from _defined(connection, table)


_DEFAULT = (
    "(SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d JOIN pg_attribute a"
    " ON a.attrelid = d.adrelid AND a.attnum = d.adnum"
    " WHERE a.attrelid = {}::regclass AND a.attname = {})"
)


_CONSTANT = re.compile(r"'((?:[^'(]|'')*)'::[\w \".]+")


def _plain_default(where: str, default: str, column: str) -> str:
    """``col_default_is`` of a default: a constant's value, another expression as it is shown."""
    constant = _CONSTANT.fullmatch(default)
    value = constant[1].replace("''", "'") if constant else default
    return f"SELECT col_default_is({where}, {literal(value)}, {literal(f'default of {column}')});"


def _defined(connection: Connection, table: Table) -> Iterator[str]:
    """Assertions on what has a definition in the server's words."""
    yield from _constraints(connection, table)
    for index in table.indexes:
        if index.constraint is None:
            call = f"pg_get_indexdef({literal(quoted(table.name.schema, index.name))}::regclass)"
            found = connection.execute(f"SELECT {call}".encode()).fetchone()
            assert found is not None
            yield is_(call, found[0], f"{index.name} is as it was")
    yield from _triggers(connection, table)
    yield from _types(connection, table)


def _constraints(connection: Connection, table: Table) -> Iterator[str]:
    schema, name = literal(table.name.schema), literal(table.name.name)
    for one in table.constraints:
        found = connection.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND conname = %s",
            [quoted(*table.name), one.name],
        ).fetchone()
        if found:
            words = (
                f"{literal(one.name)}, {literal(found[0])}, {literal(f'{one.name} is as it was')}"
            )
            yield f"SELECT constraint_def_is({schema}, {name}, {words});"


def _triggers(connection: Connection, table: Table) -> Iterator[str]:
    """What each trigger does, and whether it fires."""
    schema, name = literal(table.name.schema), literal(table.name.name)
    relation = literal(quoted(*table.name))
    for trigger in table.triggers:
        call = (
            f"(SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid ="
            f" {relation}::regclass AND tgname = {literal(trigger.name)})"
        )
        found = connection.execute(f"SELECT {call}".encode()).fetchone()
        assert found is not None
        yield is_(call, found[0], f"{trigger.name} fires as it did")
        at = f"{schema}, {name}, {literal(trigger.name)}"
        state = literal(trigger.enabled.upper())
        said = literal(f"state of {trigger.name}")
        yield f"SELECT trigger_state_is({at}, {state}, {said});"


def _complete(table: Table) -> Iterator[str]:
    """Assertions that there is no more than that."""
    at = f"{literal(table.name.schema)}, {literal(table.name.name)}"
    parts = {
        "columns": [one.name for one in table.columns],
        "indexes": [one.name for one in table.indexes],
        "triggers": [one.name for one in table.triggers],
    }
    for what, ones in parts.items():
        if ones:
            names = ", ".join(map(literal, ones))
            yield f"SELECT {what}_are({at}, ARRAY[{names}], {literal(f'its {what}')});"


def _types(connection: Connection, table: Table) -> Iterator[str]:
    """Assertions on the labels of enums and the checks of domains that columns have."""
    for kind in dict.fromkeys(column.type.root for column in table.columns):
        if kind.category == "enum":
            labels = ", ".join(map(literal, kind.labels))
            at = f"{literal(kind.schema)}, {literal(kind.name)}"
            said = literal(f"labels of {kind.name}")
            yield f"SELECT enum_has_labels({at}, ARRAY[{labels}], {said});"
    domains = dict.fromkeys(one for column in table.columns for one in column.type.domains)
    for domain in domains:
        oid = f"{literal(quoted(domain.schema, domain.name))}::regtype"
        own = f"FROM pg_type WHERE oid = {oid})"
        defined = {
            check.name: "(SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            f" WHERE contypid = {oid} AND conname = {literal(check.name)})"
            for check in domain.checks
        }
        if domain.not_null:
            defined["NOT NULL"] = f"(SELECT typnotnull::text {own}"
        if domain.default is not None:
            defined["DEFAULT"] = f"(SELECT typdefault {own}"
        for what, call in defined.items():
            found = connection.execute(f"SELECT {call}".encode()).fetchone()
            assert found is not None
            yield is_(call, found[0], f"{what} of {domain.name} is as it was")


# --- whether it is so ------------------------------------------------------------------


def _verify(connection: Connection, made: Scaffold, changes: Sequence[Mutant]) -> None:
    """Change the table's objects, one after the other, and see whether the file notices."""
    for mutant in changes:
        own = mutant.tables[:1] == (made.table.name,) and mutant.kind in _KINDS
        if not own or mutant.apart or mutant.same or mutant.speed:
            continue
        noticed = notices(connection, made, mutant)
        made.tried += noticed is not None
        made.unnoticed += [mutant.title] if noticed is False else []
