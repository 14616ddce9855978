"""Test files for tables, from the catalog: structure, what constraints accept and refuse, triggers.

Each assertion is tried before it is written: it passes on the schema as it is. Then the objects of
the table are changed, one change after the other (`harness.mutation`), and the file has to notice.
"""

# ruff: noqa: S608  what is written is SQL text, with names and values quoted by `quoted` and `literal`

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from harness.core.config import TESTS_CONVENTIONS, Config
from harness.core.errors import ConfigError
from harness.core.results import NOWHERE
from harness.core.text import count
from harness.instance import Instance, open_instance
from harness.mutation.declared import Declared
from harness.mutation.mutant import Mutant, literal, quoted
from harness.mutation.operators import mutants
from harness.pgtap.tap import TapReader
from harness.postgres.schema_model import Schema, Table
from harness.rowgen import Rows, Unsatisfiable

_VALUES = (
    *("-1", "0", "1", "99999999", "", "x", "x" * 300, "1900-01-01", "2999-01-01", "{}"),
    *("true", "false", "00000000-0000-0000-0000-000000000000"),
)
"""What is put into a column to see which constraint refuses it."""
_KINDS = {"check", "column", "enum", "exclude", "foreign key", "key", "index", "trigger"}
_KINDS |= {"unique", "primary key", "function"}
"""Kinds of mutants that such a file is about; rights are the matter of others."""
_REFUSED = ("23502", "23503", "23505", "23514", "23P01", "22001")
Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Step:
    """A statement of a test file; an assertion counts in its plan."""

    text: str
    asserts: bool = True


@dataclass
class Scaffold:
    """A test file for one table."""

    table: Table
    steps: list[Step] = field(default_factory=list)
    tried: int = 0
    """Changes of the table's objects that were tried."""
    unnoticed: list[str] = field(default_factory=list)
    about: str = "what it is made of, and what it accepts and refuses"
    prefix: str = ""
    """Stands before the table's name in the file's."""
    objections: list[str] = field(default_factory=list)
    """What the reader has to know of the file."""

    @property
    def text(self) -> str:
        """The file."""
        plan = sum(step.asserts for step in self.steps)
        head = f"-- {self.table}: {self.about}."
        body = "\n".join(step.text for step in self.steps)
        end = "SELECT * FROM finish();\nROLLBACK;\n"
        return f"{head}\nBEGIN;\nSELECT plan({plan});\n\n{body}\n\n{end}"

    @property
    def file(self) -> str:
        """What it is called."""
        name = self.table.name
        whole = name.name if name.schema == "public" else f"{name.schema}_{name.name}"
        return f"{self.prefix}{re.sub(r'[^a-z0-9_]+', '_', whole.lower())}.sql"

    @property
    def said(self) -> str:
        """What verifying it came to."""
        noticed = self.tried - len(self.unnoticed)
        asserted = count(sum(step.asserts for step in self.steps), "assertion")
        said = f"{asserted}, {noticed} of {count(self.tried, 'change')} noticed"
        more = [f"not noticed: {one}" for one in self.unnoticed] + self.objections
        return "\n    ".join([said, *more])


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
                made.steps += _rows(connection, schema, table)
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
                holds = plain and _holds(connection, plain)
                yield plain if holds else is_(call, found[0], f"value of {said}")
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


def _holds(connection: Connection, text: str) -> bool:
    """Whether an assertion passes on the schema as it is."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute("SELECT no_plan()")
            return _passes(connection.execute(text.encode()).fetchall())
    except psycopg.Error:
        return False


def _defined(connection: Connection, table: Table) -> Iterator[str]:
    """Assertions on what has a definition in the server's words."""
    schema, name = literal(table.name.schema), literal(table.name.name)
    relation = quoted(*table.name)
    for one in table.constraints:
        found = connection.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND conname = %s",
            [relation, one.name],
        ).fetchone()
        if found:
            words = (
                f"{literal(one.name)}, {literal(found[0])}, {literal(f'{one.name} is as it was')}"
            )
            yield f"SELECT constraint_def_is({schema}, {name}, {words});"
    for index in table.indexes:
        if index.constraint is None:
            call = f"pg_get_indexdef({literal(quoted(table.name.schema, index.name))}::regclass)"
            found = connection.execute(f"SELECT {call}".encode()).fetchone()
            assert found is not None
            yield is_(call, found[0], f"{index.name} is as it was")
    for trigger in table.triggers:
        call = (
            f"(SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid ="
            f" {literal(relation)}::regclass AND tgname = {literal(trigger.name)})"
        )
        found = connection.execute(f"SELECT {call}".encode()).fetchone()
        assert found is not None
        yield is_(call, found[0], f"{trigger.name} fires as it did")
        at = f"{schema}, {name}, {literal(trigger.name)}"
        state = literal(trigger.enabled.upper())
        said = literal(f"state of {trigger.name}")
        yield f"SELECT trigger_state_is({at}, {state}, {said});"
    yield from _types(connection, table)


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


def is_(expression: str, value: str, title: str) -> str:
    """An assertion that an expression is this text."""
    return f"SELECT is(\n    {expression},\n    {literal(value)},\n    {literal(title)}\n);"


def _rows(connection: Connection, schema: Schema, table: Table) -> list[Step]:
    """A row that is accepted, after those it refers to, and rows that a constraint refuses."""
    with connection.transaction(force_rollback=True):
        try:
            made = Rows(connection, schema).insert(table.name.name, 1)
        except (Unsatisfiable, psycopg.Error, ConfigError):
            return []
        if not made:
            return []
        parents = _parents(connection, table, schema)
        referred = _parents(connection, table, _referred(schema, table))
        row = _stored(connection, table)
    if not row:
        return []
    if _accepted(connection, [*referred, insert(table, row[-1])]):
        parents = referred  # the others are what triggers have written
    found: dict[str, Step] = {}
    with connection.transaction(force_rollback=True):
        try:
            for text in parents:
                connection.execute(text.encode())
        except psycopg.Error:
            return []
        for column in row[-1]:
            for value in (None, *_VALUES):
                changed = {**row[-1], column: value}
                text = insert(table, changed)
                refused = _refusal(connection, text)
                if refused and refused[1] not in found:
                    shown = "NULL" if value is None else literal(value[:20])
                    said = f"{refused[1]} refuses {column} = {shown}"
                    found[refused[1]] = _throws(text, refused[0], said)
    whole = insert(table, row[-1])
    accepted = Step(f"SELECT lives_ok({_body(whole)}, {literal('a row is accepted')});")
    steps = [*(Step(f"{text};", False) for text in parents), *found.values(), accepted]
    steps += [_throws(whole, "23505", "the same row again is refused")] * bool(table.keys)
    with connection.transaction(force_rollback=True):
        return [*steps, *_updated(connection, table, [*parents, whole])]


def _updated(connection: Connection, table: Table, before: Sequence[str]) -> list[Step]:
    """An UPDATE that changes nothing itself, and the columns that triggers change all the same."""
    key = table.primary_key
    fires = any("update" in one.events and one.fires for one in table.triggers)
    own = [c for c in table.columns if c.insertable and (key is None or c.name not in key.columns)]
    if key is None or not fires or not own:
        return []
    try:
        for text in before:
            connection.execute(text.encode())
        old = _stored(connection, table)[-1]
        same = " AND ".join(f"{quoted(c)} = {literal(old[c] or '')}" for c in key.columns)
        name = quoted(own[0].name)
        update = f"UPDATE {quoted(*table.name)} SET {name} = {name} WHERE {same}"
        connection.execute(update.encode())
        new = next(row for row in _stored(connection, table) if _alike(row, old, key.columns))
    except (psycopg.Error, LookupError, StopIteration):
        return []
    changed = [column for column in old if old[column] != new[column]]
    return [Step(f"{update};", False)] * bool(changed) + [
        Step(
            f"SELECT isnt((SELECT {quoted(column)}::text FROM {quoted(*table.name)} WHERE {same}),"
            f" {literal(old[column] or '')}, {literal(f'an UPDATE sets {column}')});"
        )
        for column in changed
    ]


def _alike(one: dict[str, str | None], other: dict[str, str | None], key: Sequence[str]) -> bool:
    return all(one[column] == other[column] for column in key)


def _throws(text: str, state: str, said: str) -> Step:
    return Step(f"SELECT throws_ok({_body(text)}, {literal(state)}, NULL, {literal(said)});")


def _body(text: str) -> str:
    return f"$test${text}$test$"


def _refusal(connection: Connection, text: str) -> tuple[str, str] | None:
    """The SQLSTATE, and the constraint or column that refuses a statement."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(text.encode())
    except psycopg.Error as error:
        state = error.sqlstate or ""
        who = error.diag.constraint_name or error.diag.column_name
        return (state, who) if state in _REFUSED and who else None
    return None


def _referred(schema: Schema, table: Table) -> list[Table]:
    """The tables that a table refers to, directly and through others."""
    found = [table]
    for one in found:
        targets = (schema.by_name.get(key.target) for key in one.foreign_keys if key.target)
        found += [target for target in targets if target is not None and target not in found]
    return found


def _accepted(connection: Connection, statements: Iterable[str]) -> bool:
    """Whether statements run in a transaction, which is rolled back."""
    with connection.transaction(force_rollback=True):
        try:
            for text in statements:
                connection.execute(text.encode())
        except psycopg.Error:
            return False
    return True


def _parents(connection: Connection, table: Table, among: Iterable[Table]) -> list[str]:
    """The statements that insert what is in other tables now, what is referred to first."""
    left = {one.name: one for one in among if one.holds_rows and one.name != table.name}
    ordered: list[Table] = []
    while left:
        ready = [
            one
            for one in left.values()
            if not any(k.target in left and k.target != one.name for k in one.foreign_keys)
        ] or list(left.values())
        ordered += ready
        left = {name: one for name, one in left.items() if one not in ready}
    own = [insert(table, row) for row in _stored(connection, table)[:-1]]
    return [insert(one, row) for one in ordered for row in _stored(connection, one)] + own


def _stored(connection: Connection, table: Table) -> list[dict[str, str | None]]:
    """The rows of a table as text, without what is generated."""
    names = [column.name for column in table.columns if column.generated is None]
    casts = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(n)) for n in names)
    query = sql.SQL("SELECT {} FROM ONLY {}").format(casts, table.identifier)
    if table.kind == "partitioned":
        query = sql.SQL("SELECT {} FROM {}").format(casts, table.identifier)
    return [dict(zip(names, row, strict=True)) for row in connection.execute(query).fetchall()]


def insert(table: Table, row: Mapping[str, str | None]) -> str:
    """An INSERT of a row, whatever its identity columns generate."""
    names = ", ".join(quoted(name) for name in row)
    values = ", ".join("NULL" if v is None else literal(v) for v in row.values())
    identity = any(column.identity for column in table.columns)
    overriding = " OVERRIDING SYSTEM VALUE" if identity else ""
    return f"INSERT INTO {quoted(*table.name)} ({names}){overriding} VALUES ({values})"


# --- whether it is so ------------------------------------------------------------------


def keep_what_passes(connection: Connection, made: Scaffold) -> None:
    """Leave out assertions that do not hold on the schema as it is."""
    kept = list[Step]()
    with connection.transaction(force_rollback=True):
        connection.execute("SELECT no_plan()")
        for step in made.steps:
            try:
                with connection.transaction():
                    rows = connection.execute(step.text.encode()).fetchall() if step.asserts else []
                    if not step.asserts:
                        connection.execute(step.text.encode())
            except psycopg.Error:
                continue
            if _passes(rows):
                kept.append(step)
    made.steps = kept


def _verify(connection: Connection, made: Scaffold, changes: Sequence[Mutant]) -> None:
    """Change the table's objects, one after the other, and see whether the file notices."""
    for mutant in changes:
        own = mutant.tables[:1] == (made.table.name,) and mutant.kind in _KINDS
        if not own or mutant.apart or mutant.same or mutant.speed:
            continue
        noticed = notices(connection, made, mutant)
        made.tried += noticed is not None
        made.unnoticed += [mutant.title] if noticed is False else []


def notices(connection: Connection, made: Scaffold, mutant: Mutant) -> bool | None:
    """Whether an assertion fails on a mutant; None where the change cannot be made."""
    with connection.transaction(force_rollback=True):
        try:
            with connection.transaction():
                connection.execute("SET LOCAL check_function_bodies = off")
                for statement in mutant.ddl:
                    connection.execute(statement.encode())
        except psycopg.Error:
            return None
        connection.execute("SELECT no_plan()")
        for step in made.steps:
            try:
                with connection.transaction():
                    cursor = connection.execute(step.text.encode())
                    rows = cursor.fetchall() if step.asserts else []
            except psycopg.Error:
                return True
            if not _passes(rows):
                return True
    return False


def _passes(rows: Sequence[tuple[Any, ...]]) -> bool:
    """Whether no test failed in the TAP that an assertion gave, each value a piece of it."""
    reader = TapReader(needs_tests=False)
    for value in (value for row in rows for value in row):
        reader.feed(str(value), NOWHERE)
    return all(one.outcome.ok for one in reader.results)
