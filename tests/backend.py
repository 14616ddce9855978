"""The backend's environment against our servers, and models compared with a schema."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic.config import Config as AlembicConfig
from psycopg import sql
from sqlalchemy import URL

from harness.cli.serve import url
from harness.core.config import Config
from harness.postgres.cluster import Cluster
from harness.postgres.database import Database
from harness.postgres.snapshot import Catalog
from harness.postgres.snapshot.difference import Difference
from harness.sources.sql_dir import SqlDir
from tests.project import BIN
from tests.support.commands import shared_fork_server

ROOT = Path(__file__).resolve().parent.parent
BACKEND = ROOT / "backend"
SQL = ROOT / "sql"

_NUMBERS = itertools.count(1)
_CREATE_ALL = """
import os, sqlalchemy
from todo.models import Base
Base.metadata.create_all(sqlalchemy.create_engine(os.environ["DATABASE_URL"]))
"""

# Loads what takes long once, and each backend's own modules in a process of its own.
_CHECK_EACH = """
import gc, os, sys
import alembic.config, alembic.autogenerate, psycopg, pydantic_settings, sqlmodel
import sqlalchemy.dialects.postgresql.psycopg
gc.disable()
gc.freeze()
for backend in sys.argv[1:]:
    if os.fork() == 0:
        os.chdir(backend)
        os.dup2(os.open("check.txt", os.O_CREAT | os.O_WRONLY), 1)
        alembic.config.main(["check"])
        sys.stdout.flush()
        os._exit(0)
    os.wait()
"""


@contextmanager
def new_database(cluster: Cluster) -> Iterator[Database]:
    """A database as PostgreSQL makes them, without the harness' library."""
    database = Database(cluster, f"harness_backend_{os.getpid()}_{next(_NUMBERS)}")
    create = sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(database.name))
    with cluster.connect() as connection:
        connection.execute(create)
    try:
        yield database
    finally:
        database.drop()


def psycopg_url(database: Database) -> str:
    """For SQLAlchemy versions whose ``postgresql://`` means another driver."""
    return url(database).replace("postgresql://", "postgresql+psycopg://", 1)


def run(
    *arguments: str, backend: Path = BACKEND, cwd: Path | None = None, **environ: str
) -> subprocess.CompletedProcess[str]:
    """``alembic`` or ``python``, by default in ``backend/``; no setting is inherited."""
    kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "BETTER_AUTH_SECRET")}
    program, *rest = arguments
    return shared_fork_server("backend").run(
        [str(BIN / program), *rest],
        cwd or backend,
        kept | {"PYTHONPATH": str(backend / "src")} | environ,
        timeout=60,
    )


def alembic(
    *arguments: str, database: Database, backend: Path = BACKEND
) -> subprocess.CompletedProcess[str]:
    return run("alembic", *arguments, backend=backend, DATABASE_URL=url(database))


def alembic_config(database: Database | URL) -> AlembicConfig:
    """For Alembic's commands within this process, where nothing is read but return values."""
    config = AlembicConfig(str(BACKEND / "alembic.ini"))
    given = database.render_as_string(False) if isinstance(database, URL) else url(database)
    config.set_main_option("sqlalchemy.url", given.replace("%", "%%"))
    return config


def check_each(backends: list[Path], database: Database) -> dict[Path, str]:
    """What ``alembic check`` prints in each backend, against a database that is at the head."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(
        [sys.executable, "-c", _CHECK_EACH, *map(str, backends)],
        env=kept | {"DATABASE_URL": url(database)},
        capture_output=True,
        timeout=60,
        check=True,
    )
    return {backend: (backend / "check.txt").read_text("utf-8") for backend in backends}


def apply_schema(database: Database) -> None:
    """The schema as the harness applies it, from the SQL files."""
    with database.connect() as connection:
        SqlDir.open(SQL / "migrations", Config()).apply(connection)


def create_all(database: Database, backend: Path = BACKEND) -> None:
    """The tables that the models describe; raises where PostgreSQL or SQLAlchemy refuses them."""
    done = run(
        "python",
        "-c",
        _CREATE_ALL,
        backend=backend,
        DATABASE_URL=psycopg_url(database),
    )
    if done.returncode:
        raise AssertionError(done.stderr)


def catalog(database: Database) -> Catalog:
    with database.connect() as connection:
        return Catalog.of(connection)


def comparable(catalog: Catalog) -> Catalog:
    """What a model can describe: no functions, triggers, rights, and what hangs on those."""
    others = ("function", "trigger", "policy", "privilege")
    return Catalog(
        {
            kind: {
                name: definition.replace("ENABLE ROW LEVEL SECURITY", "")
                for name, definition in found.items()
                if not name.startswith(tuple(f"{other} " for other in others))
            }
            for kind, found in catalog.objects.items()
            if kind not in others
        }
    )


def models_against_schema(cluster: Cluster, backend: Path = BACKEND) -> Difference:
    """What ``create_all()`` makes of the models, seen from what the SQL files make."""
    with new_database(cluster) as modelled, new_database(cluster) as applied:
        create_all(modelled, backend)
        apply_schema(applied)
        return comparable(catalog(modelled)).difference(comparable(catalog(applied)))
