"""The same schema as every tool keeps it, for the tests of sources."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from harness.core.config import Config
from harness.postgres.cluster import Cluster
from harness.postgres.database import build_template
from harness.sources import SchemaSource, open_source

UP_1 = "CREATE TABLE owners (id int PRIMARY KEY, name text NOT NULL);\n"
DOWN_1 = "DROP TABLE owners;\n"
UP_2 = """CREATE TABLE pets (id int PRIMARY KEY, owner int REFERENCES owners);
CREATE FUNCTION pets_of(who int) RETURNS bigint LANGUAGE plpgsql AS $body$
BEGIN
    -- a ; in a string: ';'
    RETURN (SELECT count(*) FROM pets WHERE owner = who);
END
$body$;
"""
DOWN_2 = "DROP FUNCTION pets_of(int);\nDROP TABLE pets;\n"
FAILING = "CREATE TABLE half (i int);\nSELECT 1;\nSELECT\n    1 / 0;\n"
STAMP = "2026-01-02T03:04:05Z A Planner <a@example.org>"
MIGRATE = """import os, pathlib, psycopg, sys
with psycopg.connect(os.environ["TARGET"]) as connection:
    for path in sorted(pathlib.Path("sql").glob(f"*.{sys.argv[1]}"), reverse=sys.argv[1] == "down"):
        connection.execute(path.read_text())
"""

Files = dict[str, str]


@dataclass(frozen=True)
class Tool:
    """How a tool keeps migrations ``(number, up, down)``."""

    source: str
    files: Callable[[list[tuple[int, str, str]]], Files]
    named: bool = False
    downs: bool = True
    stepwise: bool = True
    together: bool = False
    """Whether all migrations of an empty database run in one transaction."""
    schema: str = "."
    extra: dict[str, Any] = field(default_factory=dict)
    failing: str = ""
    """The file that the failing migration, number 3, stands in; its first line is ``line``."""
    line: int = 1
    shown: str = "SELECT"
    """The line that a failing statement of a down migration is reported at."""


def pairs(migrations: list[tuple[int, str, str]]) -> Files:
    ups = {f"{n}_m.up.sql": up for n, up, _ in migrations}
    return ups | {f"{n}_m.down.sql": down for n, _, down in migrations}


def dbmate(migrations: list[tuple[int, str, str]]) -> Files:
    text = "-- about it\n\n-- migrate:up\n{}\n-- migrate:down\n{}"
    return {f"db/migrations/{n:04}_m.sql": text.format(u, d) for n, u, d in migrations}


def liquibase(migrations: list[tuple[int, str, str]]) -> Files:
    """In an order that only the changelog knows."""
    files = {"db.changelog-master.yaml": "databaseChangeLog:\n"}
    for n, up, down in migrations:
        name = f"{chr(ord('z') - n)}_m.sql"
        undo = "".join(f"--rollback {line}\n" for line in down.splitlines())
        files[name] = f"--liquibase formatted sql\n\n--changeset a:{n} dbms:postgresql\n{up}{undo}"
        files["db.changelog-master.yaml"] += f"  - include:\n      file: {name}\n"
    return files


def goose(migrations: list[tuple[int, str, str]]) -> Files:
    text = "-- +goose Up\n{}\n-- +goose Down\n{}"
    begin, end = "-- +goose StatementBegin\n", "-- +goose StatementEnd\n"
    files = {f"{n}_m.sql": text.format(up, down) for n, up, down in migrations}
    for name, content in files.items():
        if "$body$;\n" in content:
            before, create, rest = content.partition("CREATE FUNCTION")
            body = rest.replace("$body$;\n", f"$body$;\n{end}")
            files[name] = f"{before}{begin}{create}{body}"
    return files


def flyway(migrations: list[tuple[int, str, str]]) -> Files:
    ups = {f"V1_{n}__m.sql": up for n, up, _ in migrations}
    return ups | {f"U1.{n}__m.sql": down for n, _, down in migrations}


def supabase(migrations: list[tuple[int, str, str]]) -> Files:
    return {f"supabase/migrations/{n:014}_m.sql": up for n, up, _ in migrations}


def sqitch(migrations: list[tuple[int, str, str]]) -> Files:
    plan = "%syntax-version=1.0.0\n%project=pets\n\n"
    files = {"sqitch.conf": "[core]\n\tengine = pg\n"}
    for n, up, down in migrations:
        plan += f"m{n} {STAMP} # number {n}\n"
        files[f"deploy/m{n}.sql"] = f"-- Deploy m{n}\nBEGIN;\n{up}\nCOMMIT;\n"
        files[f"revert/m{n}.sql"] = f"BEGIN;\n{down}\nCOMMIT;\n"
        files[f"verify/m{n}.sql"] = "BEGIN;\nSELECT 1;\nROLLBACK;\n"
    return files | {"sqitch.plan": plan}


def command(migrations: list[tuple[int, str, str]]) -> Files:
    ups = {f"sql/{n:04}.up": up for n, up, _ in migrations}
    return ups | {f"sql/{n:04}.down": d for n, _, d in migrations} | {"migrate.py": MIGRATE}


def in_folders(place: str, up: str, down: str) -> Callable[[list[tuple[int, str, str]]], Files]:
    def files(migrations: list[tuple[int, str, str]]) -> Files:
        ups = {f"{place}/{n:014}_m/{up}": text for n, text, _ in migrations}
        downs = {f"{place}/{n:014}_m/{down}": text for n, _, text in migrations} if down else {}
        return ups | downs

    return files


def hasura(migrations: list[tuple[int, str, str]]) -> Files:
    files = in_folders("migrations/default", "up.sql", "down.sql")(migrations)
    return files | {"config.yaml": "version: 3\nmetadata_directory: metadata\n"}


def drizzle(migrations: list[tuple[int, str, str]]) -> Files:
    entries = [{"idx": i, "tag": f"{n:04}_m"} for i, (n, _, _) in enumerate(migrations)]
    journal = json.dumps({"dialect": "postgresql", "entries": entries})
    return {f"{n:04}_m.sql": up for n, up, _ in migrations} | {"meta/_journal.json": journal}


def sections(form: str) -> Callable[[list[tuple[int, str, str]]], Files]:
    return lambda migrations: {f"{n}_m.sql": form.format(u, d) for n, u, d in migrations}


def graphile(migrations: list[tuple[int, str, str]]) -> Files:
    return {f"committed/{n:06}.sql": f"--! Previous: -\n{up}" for n, up, _ in migrations}


def structure(migrations: list[tuple[int, str, str]]) -> Files:
    return {"db/structure.sql": "".join(up for _, up, _ in migrations)}


def pgxs(migrations: list[tuple[int, str, str]]) -> Files:
    script = "".join(up for _, up, _ in migrations)
    return {"shop.control": "default_version = '1.0'\n", "shop--1.0.sql": script}


ENV = """from alembic import context
from sqlalchemy import create_engine

with create_engine(context.config.get_main_option("sqlalchemy.url")).connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
"""
REVISION = '''from alembic import op
revision, down_revision = "m{n}", {before!r}
def upgrade(): op.execute("""
{up}""")
def downgrade(): op.execute("""
{down}""")
'''
DOWNGRADE = 'def downgrade(): op.execute("""'


def alembic(migrations: list[tuple[int, str, str]]) -> Files:
    files = {"alembic.ini": "[alembic]\nscript_location = migrations\n", "migrations/env.py": ENV}
    before = None
    for n, up, down in migrations:
        text = REVISION.format(n=n, before=before, up=up, down=down)
        files[f"migrations/versions/m{n}.py"] = text
        before = f"m{n}"
    return files


MANAGE = """import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
SETTINGS = """INSTALLED_APPS = ["pets"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
"""
OPERATION = '''from django.db import migrations
class Migration(migrations.Migration):
    dependencies = {before!r}
    operations = [migrations.RunSQL("""
{up}""", """
{down}""")]
'''


def django(migrations: list[tuple[int, str, str]]) -> Files:
    files = {"manage.py": MANAGE, "settings.py": SETTINGS, "pets/__init__.py": ""}
    files["pets/migrations/__init__.py"] = ""
    before: list[tuple[str, str]] = []
    for n, up, down in migrations:
        text = OPERATION.format(before=before, up=up, down=down)
        files[f"pets/migrations/{n:04}_m.py"] = text
        before = [("pets", f"{n:04}_m")]
    return files


RUN = (sys.executable, "migrate.py")
TOOLS = {
    tool.source: tool
    for tool in (
        Tool("sql_dir", pairs, failing="3_m.up.sql"),
        Tool("golang_migrate", pairs, named=True, failing="3_m.up.sql"),
        Tool("liquibase", liquibase, failing="w_m.sql", line=4, shown="--rollback SELECT"),
        Tool("dbmate", dbmate, failing="db/migrations/0003_m.sql", line=4),
        Tool("goose", goose, failing="3_m.sql", line=2),
        Tool("flyway", flyway, failing="V1_3__m.sql"),
        Tool("supabase", supabase, downs=False, failing="supabase/migrations/00000000000003_m.sql"),
        Tool("alembic", alembic, failing="migrations/versions/m3.py", shown=DOWNGRADE),
        Tool("sqitch", sqitch, failing="deploy/m3.sql", line=3),
        Tool(
            "diesel",
            in_folders("migrations", "up.sql", "down.sql"),
            failing="migrations/00000000000003_m/up.sql",
        ),
        Tool("hasura", hasura, failing="migrations/default/00000000000003_m/up.sql"),
        Tool(
            "prisma",
            in_folders("prisma/migrations", "migration.sql", ""),
            downs=False,
            failing="prisma/migrations/00000000000003_m/migration.sql",
        ),
        Tool("drizzle", drizzle, downs=False, together=True, failing="0003_m.sql"),
        Tool(
            "node_pg_migrate",
            sections("-- Up Migration\n{}\n-- Down Migration\n{}"),
            failing="3_m.sql",
            line=2,
        ),
        Tool(
            "sql_migrate",
            sections("-- +migrate Up\n{}\n-- +migrate Down\n{}"),
            failing="3_m.sql",
            line=2,
        ),
        Tool(
            "tern",
            sections("{}\n---- create above / drop below ----\n{}"),
            failing="3_m.sql",
        ),
        Tool("graphile", graphile, downs=False, failing="committed/000003.sql", line=2),
        Tool("django", django, stepwise=False),
        Tool("structure", structure, downs=False, stepwise=False),
        Tool("pgxs", pgxs, downs=False, stepwise=False),
        Tool(
            "command",
            command,
            named=True,
            stepwise=False,
            schema="sql",
            extra={
                "command": (*RUN, "up"),
                "command_down": (*RUN, "down"),
                "command_url": "TARGET",
            },
        ),
    )
}
STEPWISE = [tool for tool in TOOLS.values() if tool.stepwise]
BOTH = [(1, UP_1, DOWN_1), (2, UP_2, DOWN_2)]


@pytest.fixture
def connection(cluster: Cluster) -> Iterator[psycopg.Connection[Any]]:
    template = build_template(cluster, lambda _: None)
    with template.cloned() as database, database.connect() as connection:
        yield connection
    template.close()
    template.drop()


def write(root: Path, files: Files) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def at(root: Path, tool: Tool) -> SchemaSource:
    named = tool.source if tool.named else None
    found = open_source(Config(root, (root / tool.schema).resolve(), named, **tool.extra))
    assert found is not None
    assert found.name == tool.source
    return found


def made(root: Path, tool: Tool, migrations: list[tuple[int, str, str]]) -> SchemaSource:
    return at(write(root, tool.files(migrations)), tool)


def public(connection: psycopg.Connection[Any]) -> list[str]:
    """Names of the tables and functions in the schema public."""
    rows = connection.execute(
        "SELECT relname::text FROM pg_class WHERE relkind = 'r'"
        " AND relnamespace = 'public'::regnamespace"
        " AND relname NOT IN ('alembic_version', 'django_migrations')"
        " UNION ALL SELECT proname::text FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace ORDER BY 1"
    )
    return [name for (name,) in rows]
