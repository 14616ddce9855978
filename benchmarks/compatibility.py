# ruff: noqa: E501  files of other tools, as they write them
"""What the first command does in a project as each tool's own ``init`` leaves it.

::

    python benchmarks/compatibility.py [NAME ...] [--write]

For every tool and layout, the script generates a small project in a temporary directory. It runs
the first command where you would run the tool: ``harness gate`` if the project has tests, else
``harness apply``, without an option. It prints the results as the table of docs/compatibility.md;
``--write`` writes them there. Python projects that need a package which is not installed are left
out, by name.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs/compatibility.md"
HARNESS = Path(sys.executable).parent / "harness"
VERDICTS = {0: "passed", 1: "failed", 2: "could not run"}

UP_1 = "CREATE TABLE owners (id bigint PRIMARY KEY, name text NOT NULL);\n"
UP_2 = (
    "CREATE TABLE pets (id bigint PRIMARY KEY, owner bigint NOT NULL REFERENCES owners);\n"
    "CREATE INDEX pets_owner ON pets (owner);\n"
)
DOWN_1, DOWN_2 = "DROP TABLE owners;\n", "DROP TABLE pets;\n"
TEST = "BEGIN;\nSELECT plan(1);\nSELECT has_table('pets');\nSELECT * FROM finish();\nROLLBACK;\n"
PG_DUMP = "SELECT pg_catalog.set_config('search_path', '', false);\n"


@dataclass(frozen=True)
class Layout:
    """A project: what it is, its files, and what it needs to be run."""

    name: str
    tool: str
    files: dict[str, str]
    place: str = "."
    """Where the tool is run."""
    needs: tuple[str, ...] = ()
    """Python packages."""
    message: bool = False
    """Whether no verdict is to be had without the tool: one message with the remedy."""
    tests: bool = field(default=False)
    init: tuple[str, ...] = ()
    """What the tool's own ``init`` is, run with our Python before the files are written."""


LAYOUTS: list[Layout] = []


def layout(name: str, tool: str, files: dict[str, str], **more: object) -> None:
    """Add a project to the list."""
    tests = any(path.endswith(".sql") and "has_table" in text for path, text in files.items())
    LAYOUTS.append(Layout(name, tool, files, tests=tests, **more))  # type: ignore[arg-type]


def pairs(place: str, up: str = ".up.sql", down: str = ".down.sql") -> dict[str, str]:
    """Two migrations, each with a way down."""
    return {
        f"{place}/000001_owners{up}": UP_1,
        f"{place}/000001_owners{down}": DOWN_1,
        f"{place}/000002_pets{up}": UP_2,
        f"{place}/000002_pets{down}": DOWN_2,
    }


def folders(place: str, up: str, down: str = "") -> dict[str, str]:
    """The same, with a directory for each."""
    found = {f"{place}/20240101000000_owners/{up}": UP_1}
    found[f"{place}/20240102000000_pets/{up}"] = UP_2
    if down:
        found[f"{place}/20240101000000_owners/{down}"] = DOWN_1
        found[f"{place}/20240102000000_pets/{down}"] = DOWN_2
    return found


def sections(place: str, form: str, names: tuple[str, str]) -> dict[str, str]:
    """The same, with both ways in one file."""
    one, two = names
    return {
        f"{place}/{one}": form.format(up=UP_1, down=DOWN_1),
        f"{place}/{two}": form.format(up=UP_2, down=DOWN_2),
    }


NUMBERS = ("00001_owners.sql", "00002_pets.sql")
TIMES = ("20240101000000_owners.sql", "20240102000000_pets.sql")
GOOSE = "-- +goose Up\n{up}\n-- +goose Down\n{down}"
DBMATE = "-- migrate:up\n{up}\n-- migrate:down\n{down}"
LOCK = 'provider = "postgresql"\n'
JOURNAL = (
    '{"version":"7","dialect":"postgresql","entries":['
    '{"idx":0,"version":"7","when":1,"tag":"0000_owners","breakpoints":true},'
    '{"idx":1,"version":"7","when":2,"tag":"0001_pets","breakpoints":true}]}'
)
DRIZZLE_CONFIG = "export default { schema: './src/schema.ts', out: './drizzle' }\n"


def drizzle(place: str) -> dict[str, str]:
    """What drizzle-kit generates."""
    return {
        f"{place}/0000_owners.sql": UP_1,
        f"{place}/0001_pets.sql": UP_2.replace(
            "CREATE INDEX", "--> statement-breakpoint\nCREATE INDEX"
        ),
        f"{place}/meta/_journal.json": JOURNAL,
        f"{place}/meta/0000_snapshot.json": "{}",
    }


layout(
    "sql/migrations",
    "plain files",
    {f"sql/migrations/{n}": s for n, s in zip(NUMBERS, (UP_1, UP_2), strict=True)}
    | {"pgtap_tests/t.sql": TEST},
)
layout("pairs in migrations", "golang-migrate", pairs("migrations"))
layout("pairs in db/migration", "golang-migrate", {"go.mod": "module x\n", **pairs("db/migration")})
layout(
    "pairs deep in a service",
    "golang-migrate",
    {"go.mod": "module x\n", **pairs("internal/storage/postgres/migrations")},
)
layout(
    "a plain file among pairs",
    "plain files",
    {"migrations/000000_types.sql": "CREATE TYPE t AS ENUM ('a');\n", **pairs("migrations")},
)
layout("goose in migrations", "goose", sections("migrations", GOOSE, NUMBERS))
layout(
    "goose in sql/schema, next to sqlc's queries",
    "goose",
    {
        "sqlc.yaml": "version: '2'\n",
        "sql/queries/q.sql": "-- name: Owners :many\nSELECT * FROM owners;\n",
        **sections("sql/schema", GOOSE, NUMBERS),
    },
)
layout(
    "db/migrations and db/schema.sql",
    "dbmate",
    {"db/schema.sql": UP_1 + UP_2, **sections("db/migrations", DBMATE, TIMES)},
)
layout(
    "sqitch.plan, with pgTAP tests",
    "sqitch",
    {
        "sqitch.conf": "[core]\n\tengine = pg\n",
        "sqitch.plan": "%syntax-version=1.0.0\n%project=pets\n\nowners 2024-01-01T00:00:00Z A <a@example.org> # o\npets [owners] 2024-01-02T00:00:00Z A <a@example.org> # p\n",
        "deploy/owners.sql": f"BEGIN;\n{UP_1}COMMIT;\n",
        "deploy/pets.sql": f"BEGIN;\n{UP_2}COMMIT;\n",
        "revert/owners.sql": f"BEGIN;\n{DOWN_1}COMMIT;\n",
        "revert/pets.sql": f"BEGIN;\n{DOWN_2}COMMIT;\n",
        "verify/owners.sql": "BEGIN;\nSELECT id FROM owners WHERE false;\nROLLBACK;\n",
        "verify/pets.sql": "BEGIN;\nSELECT id FROM pets WHERE false;\nROLLBACK;\n",
        "test/pets.sql": TEST,
    },
)
layout(
    "sqitch in db/",
    "sqitch",
    {
        "package.json": "{}",
        "db/sqitch.conf": "[core]\n\tengine = pg\n",
        "db/sqitch.plan": "%syntax-version=1.0.0\n%project=pets\n\nowners 2024-01-01T00:00:00Z A <a@example.org> # o\n",
        "db/deploy/owners.sql": f"BEGIN;\n{UP_1}COMMIT;\n",
        "db/revert/owners.sql": f"BEGIN;\n{DOWN_1}COMMIT;\n",
        "db/verify/owners.sql": "BEGIN;\nSELECT id FROM owners WHERE false;\nROLLBACK;\n",
    },
)
layout(
    "src/main/resources/db/migration",
    "Flyway",
    {
        "pom.xml": "<project/>",
        "src/main/resources/db/migration/V1__owners.sql": UP_1,
        "src/main/resources/db/migration/V2__pets.sql": UP_2,
    },
)
layout(
    "Spring's locations, two of them",
    "Flyway",
    {
        "src/main/resources/application.properties": "spring.flyway.locations=classpath:db/migration,classpath:db/specific/{vendor}\n",
        "src/main/resources/db/migration/V1__owners.sql": UP_1,
        "src/main/resources/db/specific/postgresql/V2__pets.sql": UP_2,
    },
)
layout(
    "one of several modules, application.yml, callbacks",
    "Flyway",
    {
        "pom.xml": "<project/>",
        "service/src/main/resources/application.yml": "spring:\n  application:\n    name: x\n  flyway:\n    enabled: true\n    default-schema: app\n    locations:\n      - classpath:sql\n    placeholders:\n      role: ${ROLE:PUBLIC}\n",
        "service/src/main/resources/sql/V1__owners.sql": UP_1,
        "service/src/main/resources/sql/V2__pets.sql": UP_2,
        "service/src/main/resources/sql/afterMigrate.sql": "GRANT SELECT ON app.pets TO ${role};\n",
    },
)
layout(
    "flyway.toml",
    "Flyway",
    {
        "flyway.toml": '[flyway]\nlocations = ["filesystem:migrations"]\n',
        "migrations/V1__owners.sql": UP_1,
        "migrations/V2__pets.sql": UP_2,
    },
)
layout(
    "V1__name.sql in migrations",
    "refinery",
    {"Cargo.toml": "", "migrations/V1__owners.sql": UP_1, "migrations/V2__pets.sql": UP_2},
)
layout(
    "migrations/<version>_<name>",
    "diesel",
    {
        "diesel.toml": '[migrations_directory]\ndir = "migrations"\n',
        **folders("migrations", "up.sql", "down.sql"),
    },
)
layout(
    "a crate of a workspace",
    "diesel",
    {
        "Cargo.toml": "",
        "crates/db/diesel.toml": "",
        **folders("crates/db/migrations", "up.sql", "down.sql"),
    },
)
layout(
    "plain files",
    "sqlx",
    {"Cargo.toml": "", **{f"migrations/{n}": s for n, s in zip(TIMES, (UP_1, UP_2), strict=True)}},
)
layout("pairs", "sqlx", {"Cargo.toml": "", **pairs("migrations")})
layout(
    "prisma/migrations",
    "Prisma",
    {
        "prisma/schema.prisma": "",
        "prisma/migrations/migration_lock.toml": LOCK,
        **folders("prisma/migrations", "migration.sql"),
    },
)
layout(
    "packages/db of a monorepo",
    "Prisma",
    {
        "package.json": "{}",
        "packages/db/prisma/schema.prisma": "",
        "packages/db/prisma/migrations/migration_lock.toml": LOCK,
        **folders("packages/db/prisma/migrations", "migration.sql"),
    },
)
layout("drizzle/", "Drizzle", {"drizzle.config.ts": DRIZZLE_CONFIG, **drizzle("drizzle")})
layout(
    "apps/web/src/db/migrations",
    "Drizzle",
    {"package.json": "{}", **drizzle("apps/web/src/db/migrations")},
)
layout(
    "a directory for each migration",
    "Drizzle",
    {"drizzle.config.ts": DRIZZLE_CONFIG, **folders("drizzle", "migration.sql", "snapshot.json")},
)
layout(
    "migrations in SQL",
    "node-pg-migrate",
    {
        "package.json": "{}",
        **sections(
            "migrations",
            "-- Up Migration\n{up}\n-- Down Migration\n{down}",
            ("1700000000001_owners.sql", "1700000000002_pets.sql"),
        ),
    },
)
layout(
    "migrations/sqls",
    "db-migrate",
    {
        "migrations/000001_owners.js": "exports.up = (db) => db.runSql(read('000001_owners-up.sql'));",
        "migrations/000002_pets.js": "exports.up = (db) => db.runSql(read('000002_pets-up.sql'));",
        **pairs("migrations/sqls", "-up.sql", "-down.sql"),
    },
)
layout(
    "001.do.name.sql",
    "Postgrator",
    {
        "package.json": "{}",
        "migrations/001.do.owners.sql": UP_1,
        "migrations/001.undo.owners.sql": DOWN_1,
        "migrations/002.do.pets.sql": UP_2,
        "migrations/002.undo.pets.sql": DOWN_2,
    },
)
layout(
    "migrations/committed",
    "graphile-migrate",
    {
        ".gmrc": "{}",
        "migrations/committed/000001.sql": f"--! Previous: -\n--! Hash: sha1:1\n\n{UP_1}",
        "migrations/committed/000002.sql": f"--! Previous: sha1:1\n--! Hash: sha1:2\n\n{UP_2}",
        "migrations/current.sql": "-- Enter migration here\n",
    },
)
layout(
    "tern.conf",
    "tern",
    {
        "migrations/tern.conf": "[database]\n",
        **sections(
            "migrations",
            "{up}\n---- create above / drop below ----\n{down}",
            ("001_owners.sql", "002_pets.sql"),
        ),
    },
)
layout(
    "dbconfig.yml",
    "sql-migrate",
    {
        "dbconfig.yml": "development:\n  dialect: postgres\n",
        **sections(
            "migrations",
            "-- +migrate Up\n{up}\n-- +migrate Down\n{down}",
            ("1-owners.sql", "2-pets.sql"),
        ),
    },
)
layout(
    "atlas.hcl and migrations",
    "Atlas",
    {
        "atlas.hcl": 'env "local" {}\n',
        "migrations/atlas.sum": "h1:x\n",
        **{f"migrations/{n}": s for n, s in zip(TIMES, (UP_1, UP_2), strict=True)},
    },
)
layout(
    "ent/migrate/migrations",
    "Atlas",
    {
        "go.mod": "module x\n",
        **{f"ent/migrate/migrations/{n}": s for n, s in zip(TIMES, (UP_1, UP_2), strict=True)},
    },
)
layout(
    "migrations/default",
    "Hasura",
    {
        "config.yaml": "version: 3\nendpoint: http://localhost:8080\nmetadata_directory: metadata\n",
        **folders("migrations/default", "up.sql", "down.sql"),
    },
)
layout(
    "hasura/ in a project",
    "Hasura",
    {
        "package.json": "{}",
        "hasura/config.yaml": "version: 3\nendpoint: http://localhost:8080\n",
        **folders("hasura/migrations/default", "up.sql", "down.sql"),
    },
)
layout(
    "db/structure.sql",
    "Rails",
    {
        "Gemfile": "",
        "db/migrate/20240101000000_create_owners.rb": "",
        "db/structure.sql": "\\restrict x\nSET statement_timeout = 0;\n"
        + PG_DUMP
        + (UP_1 + UP_2)
        .replace(" owners", " public.owners")
        .replace(" pets", " public.pets")
        .replace("INDEX public.", "INDEX ")
        + 'CREATE TABLE public.schema_migrations (version character varying NOT NULL);\n\\unrestrict x\nSET search_path TO "$user", public;\nINSERT INTO "schema_migrations" (version) VALUES (\'20240101000000\');\n',
    },
)
layout(
    "db/schema.rb",
    "Rails",
    {
        "Gemfile": "",
        "db/migrate/20240101000000_create_owners.rb": "",
        "db/schema.rb": "ActiveRecord::Schema.define {}\n",
    },
    message=True,
)
layout(
    "priv/repo/structure.sql",
    "Ecto",
    {"mix.exs": "", "priv/repo/structure.sql": PG_DUMP + UP_1.replace(" owners", " public.owners")},
)
layout(
    "supabase init, with tests",
    "Supabase",
    {
        "supabase/config.toml": 'project_id = "x"\n[db.seed]\nenabled = true\nsql_paths = ["./seed.sql"]\n',
        **{f"supabase/migrations/{n}": s for n, s in zip(TIMES, (UP_1, UP_2), strict=True)},
        "supabase/tests/database/pets.test.sql": TEST,
    },
)
layout(
    "apps/web/supabase of a monorepo",
    "Supabase",
    {
        "package.json": "{}",
        "apps/web/supabase/config.toml": 'project_id = "x"\n',
        **{
            f"apps/web/supabase/migrations/{n}": s for n, s in zip(TIMES, (UP_1, UP_2), strict=True)
        },
        "apps/web/supabase/tests/pets.sql": TEST,
    },
)
REVISION = """from alembic import op
import sqlalchemy as sa
revision, down_revision = "1", None

def upgrade():
    op.create_table("owners", sa.Column("id", sa.BigInteger, primary_key=True))

def downgrade():
    op.drop_table("owners")
"""
for init, folder in ((("init", "alembic"), "alembic"), (("init", "migrations"), "migrations")):
    layout(
        f"alembic init {folder}",
        "Alembic",
        {f"{folder}/versions/1_owners.py": REVISION},
        init=("alembic", *init),
        needs=("alembic",),
    )
layout(
    "alembic init -t pyproject alembic",
    "Alembic",
    {"alembic/versions/1_owners.py": REVISION},
    init=("alembic", "init", "-t", "pyproject", "alembic"),
    needs=("alembic",),
)
layout(
    "backend/alembic.ini, from the directory above",
    "Alembic",
    {
        "backend/alembic.ini": "[alembic]\nscript_location = %(here)s/alembic\n",
        "backend/alembic/env.py": "from alembic import context\nfrom sqlalchemy import create_engine\n"
        "engine = create_engine(context.config.get_main_option('sqlalchemy.url'))\n"
        "with engine.connect() as connection:\n    context.configure(connection=connection)\n"
        "    with context.begin_transaction():\n        context.run_migrations()\n",
        "backend/alembic/script.py.mako": "",
        "backend/alembic/versions/1_owners.py": REVISION,
    },
    needs=("alembic",),
)
FLASK = """import os
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()

def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL", "sqlite:///app.db")
    db.init_app(app)
    Migrate(app, db)
    return app
"""
layout(
    "flask db init",
    "Flask-Migrate",
    {"migrations/versions/1_owners.py": REVISION, "shop/__init__.py": FLASK},
    init=("flask", "--app", "shop", "db", "init"),
    needs=("alembic", "flask_migrate", "flask_sqlalchemy"),
)
layout(
    "django-admin startproject",
    "Django",
    {},
    init=("django", "startproject", "mysite", "."),
    needs=("django",),
)
layout("schema.sql", "one file", {"schema.sql": UP_1 + UP_2})
layout("backend/schema.sql", "one file", {"backend/schema.sql": UP_1 + UP_2})
layout(
    "src/main/resources/schema.sql and data.sql",
    "Spring",
    {
        "pom.xml": "<project/>",
        "src/main/resources/schema.sql": UP_1 + UP_2,
        "src/main/resources/data.sql": "INSERT INTO owners VALUES (1, 'a');\n",
    },
)
layout(
    "resources/db/h2, mysql and postgres",
    "Spring",
    {f"src/main/resources/db/{one}/schema.sql": UP_1 + UP_2 for one in ("h2", "mysql", "postgres")},
)
layout(
    "docker/postgres/init.sql that makes its database",
    "one file",
    {
        "docker/postgres/init.sql": "CREATE USER shop;\nCREATE DATABASE shop OWNER shop;\n"
        f"GRANT ALL PRIVILEGES ON DATABASE shop TO shop;\n\\c shop\n{UP_1}{UP_2}"
    },
)
layout(
    "numbered files for a container's first start",
    "one file",
    {"docker/db/init/01_owners.sql": UP_1, "docker/db/init/02_pets.sql": UP_2},
)
layout(
    "a migration that alters its database by name",
    "golang-migrate",
    {
        **pairs("migrations"),
        "migrations/000003_zone.up.sql": "ALTER DATABASE shop SET timezone TO 'UTC';\n",
        "migrations/000003_zone.down.sql": "ALTER DATABASE shop RESET timezone;\n",
    },
)
layout(
    "down.sql next to migration.sql",
    "Prisma",
    {
        "prisma/migrations/migration_lock.toml": 'provider = "postgresql"\n',
        "prisma/migrations/20240101000000_owners/migration.sql": UP_1,
        "prisma/migrations/20240101000000_owners/down.sql": DOWN_1,
        "prisma/migrations/20240102000000_pets/migration.sql": UP_2,
    },
)
layout(
    "migration/src/m20240101_000001_owners.rs",
    "SeaORM",
    {
        "Cargo.toml": "[workspace]\n",
        "migration/src/m20240101_000001_owners.rs": "use sea_orm_migration::prelude::*;\n",
    },
    message=True,
)
layout(
    "docker-entrypoint-initdb.d",
    "files without numbers",
    {"docker-compose.yml": "", "docker-entrypoint-initdb.d/init.sql": UP_1 + UP_2},
)
layout(
    "files that have to run in another order than that of their names",
    "files without numbers",
    {"sql/a_pets.sql": UP_2, "sql/b_owners.sql": UP_1},
    message=True,
)
layout(
    "knexfile.js",
    "Knex",
    {
        "knexfile.js": "module.exports = {}",
        "migrations/20240101000000_owners.js": "exports.up = knex => knex.schema",
    },
    message=True,
)
layout(
    "src/migrations/*.ts",
    "TypeORM",
    {
        "package.json": "{}",
        "src/migrations/1700000000000-Owners.ts": "export class O implements MigrationInterface {}",
    },
    message=True,
)
layout(
    "db.changelog-master.yaml",
    "Liquibase",
    {"src/main/resources/db/changelog/db.changelog-master.yaml": "databaseChangeLog: []\n"},
    message=True,
)
layout(
    "database/migrations/*.php",
    "Laravel",
    {"artisan": "", "database/migrations/2024_01_01_000000_create_owners_table.php": "<?php"},
    message=True,
)
layout(
    "two services",
    "several schemas",
    {**sections("services/a/migrations", GOOSE, NUMBERS), **pairs("services/b/migrations")},
    message=True,
)


# --- what public projects have besides --------------------------------------------------

layout(
    "values of tern.conf in migrations",
    "tern",
    {
        "tern.conf": "[database]\ndatabase = app\n[data]\ntable = pets\n",
        "migrations/001_owners.sql": f"{UP_1}---- create above / drop below ----\n{DOWN_1}",
        "migrations/002_pets.sql": UP_2.replace("TABLE pets", "TABLE {{.table}}"),
    },
)
layout(
    "pairs next to an empty sqitch.plan",
    "golang-migrate",
    {"sqitch.plan": "%syntax-version=1.0.0\n%project=app\n\n", **pairs("migrations")},
)
layout(
    "migrations/current.sql, nothing committed",
    "graphile-migrate",
    {".gmrc": "{}", "migrations/current.sql": f"{UP_1}{UP_2}"},
)
layout(
    "one formatted SQL changelog",
    "Liquibase",
    {
        "db/changelog/changelog.sql": "-- liquibase formatted sql\n\n-- changeset ada:1\n"
        f"{UP_1}-- rollback {DOWN_1}\n-- changeset ada:2\n{UP_2}"
    },
)
layout(
    "schema.sql next to views.sql",
    "one file",
    {"schema.sql": f"{UP_1}{UP_2}", "views.sql": "CREATE VIEW v AS SELECT * FROM pets;\n"},
)
layout(
    "an extension: control file, sql/, test/sql",
    "PGXS",
    {
        "kennel.control": "comment = 'Pets'\ndefault_version = '1.0'\nrelocatable = true\n",
        "Makefile": "EXTENSION = kennel\nDATA = sql/kennel--1.0.sql\n",
        "sql/kennel--1.0.sql": f"{UP_1}{UP_2}",
        "test/setup.sql": "CREATE EXTENSION kennel;\n",
        "test/sql/pets.sql": TEST.replace("SELECT plan", "\\i test/setup.sql\nSELECT plan", 1),
    },
)
layout(
    "migrations for MySQL",
    "Flyway",
    {"src/main/resources/db/migration/V1__a.sql": "CREATE TABLE a (i INT AUTO_INCREMENT);\n"},
    message=True,
)
layout(
    "SQLite in knexfile.js",
    "Knex",
    {
        "knexfile.js": "module.exports = { client: 'sqlite3' }\n",
        "migrations/20240101000000_owners.js": "exports.up = (knex) => knex.schema\n",
    },
    message=True,
)
layout(
    "graphile-migrate init, with placeholders and afterReset",
    "graphile-migrate",
    {
        ".gmrc": """{
  /* What the tool's own init writes is JSON5. */
  "placeholders": { ":VISITOR": "kennel_visitor" },
  "afterReset": ["!../scripts/reset.sql"],
  // "afterCurrent": [],
}
""",
        "scripts/reset.sql": "CREATE SCHEMA app_hidden;\nCREATE ROLE kennel_visitor;\n",
        "migrations/committed/000001.sql": f"--! Previous: -\n--! Hash: sha1:1\n\n{UP_1}"
        "GRANT USAGE ON SCHEMA app_hidden TO :VISITOR;\n",
        "migrations/current/1-pets.sql": UP_2,
    },
)
layout(
    "migrations/current/, nothing committed",
    "graphile-migrate",
    {
        ".gmrc": "{}",
        "migrations/current/0000-owners.sql": UP_1,
        "migrations/current/0100-pets.sql": UP_2,
    },
)
layout(
    "next to directories that diesel left",
    "sqlx",
    {
        "Cargo.toml": '[dependencies]\nsqlx = { version = "0.8", features = ["postgres"] }\n',
        "migrations/2023-01-01-000000_owners/up.sql": UP_1,
        "migrations/2023-01-01-000000_owners/down.sql": DOWN_1,
        **{f"migrations/{n}": s for n, s in zip(TIMES, (UP_1, UP_2), strict=True)},
    },
)
layout(
    "an extension with tests of pg_regress beside one of pgTAP",
    "PGXS",
    {
        "kennel.control": "comment = 'Pets'\ndefault_version = '1.0'\nrelocatable = true\n",
        "Makefile": "EXTENSION = kennel\nDATA = sql/kennel--1.0.sql\n",
        "sql/kennel--1.0.sql": f"{UP_1}{UP_2}",
        "test/sql/pets.sql": TEST,
        "test/sql/rows.sql": "INSERT INTO owners VALUES (1, 'a');\nSELECT * FROM owners;\n",
        "test/expected/rows.out": "",
    },
)
layout(
    "migrations for SQLite",
    "diesel",
    {
        "Cargo.toml": '[dependencies]\ndiesel = { version = "2", features = ["sqlite"] }\n',
        **folders("migrations", "up.sql", "down.sql"),
        "migrations/20240103000000_days/up.sql": "CREATE TABLE d (at DATETIME NOT NULL);\n",
    },
    message=True,
)
layout(
    "goose for SQLite, by sqlc.yaml",
    "goose",
    {
        "sqlc.yaml": "version: '2'\nsql:\n  - engine: sqlite\n",
        "internal/database/migrations/00001_a.sql": "-- +goose Up\nCREATE TABLE a (b BLOB);\n",
    },
    message=True,
)
layout(
    "a changelog for H2",
    "Liquibase",
    {
        "db/changelog/changelog.sql": "-- liquibase formatted sql\n\n-- changeset ada:1\n"
        "CREATE TABLE a (i uuid DEFAULT RANDOM_UUID());\n"
    },
    message=True,
)
layout(
    ".sequelizerc, src/database/migrations",
    "Sequelize",
    {
        "package.json": "{}",
        ".sequelizerc": "module.exports = {}\n",
        "src/database/migrations/20240101000000-owners.js": "module.exports = {"
        " up: (queryInterface, Sequelize) => queryInterface.createTable('owners', {}) }\n",
    },
    message=True,
)

layout(
    "formatted SQL in the order of db.changelog-master.yaml",
    "Liquibase",
    {
        "src/main/resources/db/changelog/db.changelog-master.yaml": "databaseChangeLog:\n"
        "  - include:\n      file: db/changelog/owners.sql\n"
        "  - include:\n      file: db/changelog/cats.sql\n",
        "src/main/resources/db/changelog/owners.sql": f"--liquibase formatted sql\n--changeset a:1\n{UP_1}",
        "src/main/resources/db/changelog/cats.sql": f"--liquibase formatted sql\n--changeset a:2\n{UP_2}",
    },
)
layout(
    "programs that run sql/<name>/up.sql",
    "Knex",
    {
        "package.json": '{"dependencies": {"knex": "3"}}',
        "migrations/20240101_owners.js": "exports.up = (knex) => knex.raw(readFileSync('migrations/sql/20240101_owners/up.sql'))\n",
        "migrations/sql/20240101_owners/up.sql": UP_1,
        "migrations/sql/20240101_owners/down.sql": DOWN_1,
    },
)
layout(
    "TypeORM beside an init.sql that makes an extension",
    "TypeORM",
    {
        "init.sql": "CREATE EXTENSION citext;\n",
        "src/migrations/1700000000000-Owners.ts": "export class Owners1700000000000 implements MigrationInterface {}\n",
    },
    message=True,
)
layout(
    "variables that ENVSUB fills in",
    "goose",
    {
        "migrations/0001_owners.sql": f"-- +goose Up\n-- +goose ENVSUB ON\nCREATE SCHEMA ${{SHOP_SCHEMA:-shop}};\n-- +goose ENVSUB OFF\n{UP_1}"
    },
)
layout(
    "env.py that demands settings which nothing sets",
    "Alembic",
    {
        "alembic.ini": "[alembic]\nscript_location = alembic\n",
        "alembic/env.py": "import os\nfrom alembic import context\nfrom sqlalchemy import create_engine\n"
        "key, url = os.environ['APP_SECRET'], os.environ['APP_DATABASE_URL']\n"
        "with create_engine(url).connect() as connection:\n"
        "    context.configure(connection=connection)\n"
        "    with context.begin_transaction():\n        context.run_migrations()\n",
        "alembic/script.py.mako": "",
        "alembic/versions/a1_owners.py": "from alembic import op\nrevision, down_revision = 'a1', None\n"
        f"def upgrade():\n    op.execute({UP_1!r})\ndef downgrade():\n    op.execute({DOWN_1!r})\n",
    },
    needs=("alembic",),
)


def make(project: Layout, root: Path) -> None:
    """Make a project, beginning with what the tool's own ``init`` makes."""
    place = root / project.place
    place.mkdir(parents=True, exist_ok=True)
    write(root, project.files)
    if project.init:
        for name in project.files:  # init wants to make the directory itself
            if name.startswith(("alembic/", "migrations/")):
                (root / name).unlink()
                (root / name).parent.rmdir()
                (root / name).parent.parent.rmdir()
        command = [sys.executable, "-m", *project.init]
        subprocess.run(command, cwd=place, check=True, capture_output=True)
        write(root, project.files)


def write(root: Path, files: dict[str, str]) -> None:
    """Make a project."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@dataclass(frozen=True)
class Said:
    """What the first command said."""

    command: str
    code: int
    line: str
    text: str


def first_command(project: Layout, root: Path) -> Said:
    """Run it."""
    command = "gate" if project.tests else "apply"
    done = subprocess.run(
        [str(HARNESS), command],
        cwd=root / project.place,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=600,
    )
    text = done.stdout + done.stderr
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    shown = next(
        (x for x in lines if "migration" in x and "applied" in x), lines[0] if lines else ""
    )
    return Said(f"harness {command}", done.returncode, shown, text)


def row(project: Layout, said: Said) -> str:
    """A line of the table."""
    verdict = "says what to write" if project.message and said.code else VERDICTS[said.code]
    return f"| {project.tool} | {project.name} | `{said.command}` | {verdict} |"


def as_expected(project: Layout, said: Said) -> bool:
    """Whether a verdict came where one is to be had, and a remedy where none is."""
    remedy = "--schema" in said.text or "command" in said.text
    return said.code > 0 and remedy if project.message else said.code == 0


def table(names: list[str], verbose: bool) -> tuple[list[str], list[str]]:
    """The lines of the table, and what was not as expected."""
    rows, wrong = [], []
    for project in LAYOUTS:
        if names and not any(
            name.lower() in f"{project.tool} {project.name}".lower() for name in names
        ):
            continue
        if missing := [name for name in project.needs if find_spec(name) is None]:
            print(f"left out: {project.tool}, {project.name}: not installed: {', '.join(missing)}")
            continue
        with tempfile.TemporaryDirectory() as folder:
            make(project, Path(folder))
            said = first_command(project, Path(folder))
        rows.append(row(project, said))
        print(rows[-1], flush=True)
        if not as_expected(project, said):
            wrong.append(f"{project.tool}, {project.name}: exit code {said.code}\n{said.text}")
        elif verbose:
            print(said.text)
    return rows, wrong


def main() -> int:
    """Print the table; 1 where a project had no verdict."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("-v", action="store_true")
    options = parser.parse_args()
    rows, wrong = table(options.names, options.v)
    print(f"\n{len(rows)} projects, {len(wrong)} not as expected", *wrong, sep="\n")
    if options.write:
        text = PAGE.read_text("utf-8")
        made = "\n".join(["| tool | layout | first command | result |", "|---|---|---|---|", *rows])
        PAGE.write_text(re.sub(r"\| tool \|.*\n(?:\|.*\n)*", lambda _: made + "\n", text), "utf-8")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
