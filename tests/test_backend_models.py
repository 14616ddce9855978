"""The models describe the schema; each way to get one wrong is reported."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import BigInteger
from todo.models import Base, Task, User

from harness.postgres.cluster import Cluster
from harness.postgres.database import Database
from tests.backend import (
    BACKEND,
    SQL,
    alembic_config,
    check_each,
    models_against_schema,
    new_database,
)


@pytest.fixture(scope="module")
def migrated(cluster: Cluster) -> Iterator[Database]:
    with new_database(cluster) as database:
        command.upgrade(alembic_config(database), "head")
        yield database


def test_user_has_four_fields_and_task_seven():
    assert list(User.model_fields) == ["id", "email", "name", "created_at"]
    assert list(Task.model_fields) == [
        "id",
        "user_id",
        "title",
        "description",
        "completed",
        "created_at",
        "updated_at",
    ]
    assert isinstance(Base.metadata.tables["tasks"].c.id.type, BigInteger)
    assert set(Base.metadata.tables) == {"users", "tasks"}


def test_the_package_exports_the_models():
    import todo

    assert (todo.User, todo.Task) == (User, Task)


def test_what_the_models_create_is_what_the_schema_has(each_cluster: Cluster):
    assert str(models_against_schema(each_cluster)) == ""


# --- wrong models ---------------------------------------------------------------------------

DESCRIPTION = "    description: str | None = Field(default=None, sa_column=Column(Text))\n"
NOTES = DESCRIPTION.replace("description", "notes")
FOREIGN_KEY = 'ForeignKey("users.id", ondelete="CASCADE"), '
EMAIL = "    email: str = Field(sa_column=Column(Text, unique=True, nullable=False))\n"
NAME = "    name: str | None = Field(default=None, sa_column=Column(Text))\n"
EMAIL_AND_NAME, NAME_AND_EMAIL = EMAIL + NAME, NAME + EMAIL
UUID = '            server_default=text("(gen_random_uuid())::text"),\n'
COMMENT = '            comment="Never handed out twice; gaps are normal.",\n'

CHECK, CATALOG = "alembic check", "the catalogs"


@dataclass(frozen=True)
class Mistake:
    """A replacement in one model, and who reports it: the catalogs where Alembic does not."""

    name: str
    model: str
    right: str
    wrong: str
    reporter: str = CHECK

    def made(self, folder: Path) -> Path:
        """A backend with it."""
        shutil.copytree(SQL, folder / "sql")
        backend = folder / "backend"
        for part in ("src", "migrations"):
            shutil.copytree(BACKEND / part, backend / part)
        shutil.copy(BACKEND / "alembic.ini", backend)
        path = backend / f"src/todo/models/{self.model}.py"
        text = path.read_text("utf-8")
        assert text.count(self.right) == 1, f"{self.right!r} is not once in {path}"
        text = text.replace(self.right, self.wrong)
        path.write_text(text.replace("    BigInteger,\n", "    BigInteger,\n    Integer,\n", 1))
        return backend


MISTAKES = [
    Mistake("missing index", "task", 'Index("idx_tasks_user_id", "user_id"),', ""),
    Mistake("index by another name", "task", '"idx_tasks_user_id"', '"ix_tasks_user_id"'),
    Mistake(
        "index on another column",
        "task",
        '"idx_tasks_user_id", "user_id"',
        '"idx_tasks_user_id", "title"',
    ),
    Mistake("index unique", "task", '"user_id"),', '"user_id", unique=True),'),
    Mistake("id of 32 bits", "task", "            BigInteger,", "            Integer,"),
    Mistake("id a serial", "task", "            Identity(always=True),\n", ""),
    Mistake("id that clients may set", "task", "always=True", "always=False"),
    Mistake("title unlimited", "task", "Column(String(200)", "Column(Text"),
    Mistake("title shorter", "task", "Column(String(200)", "Column(String(100)"),
    Mistake("title nullable", "task", "Column(String(200), nullable=False)", "Column(String(200))"),
    Mistake("owner nullable", "task", f"{FOREIGN_KEY}nullable=False", FOREIGN_KEY),
    Mistake("name not nullable", "user", "Column(Text))", "Column(Text, nullable=False))"),
    Mistake("missing cascade", "task", ', ondelete="CASCADE"', ""),
    Mistake("another action", "task", '"CASCADE"', '"SET NULL"'),
    Mistake("missing foreign key", "task", FOREIGN_KEY, ""),
    Mistake("foreign key deferrable", "task", '"CASCADE")', '"CASCADE", deferrable=True)'),
    Mistake("missing uniqueness", "user", "unique=True, ", ""),
    Mistake("missing column", "task", DESCRIPTION, ""),
    Mistake("another column", "task", DESCRIPTION, DESCRIPTION + NOTES),
    Mistake("column renamed", "task", "    completed: bool", "    done: bool"),
    Mistake("table renamed", "task", '"tasks"', '"todos"'),
    Mistake("no time zone", "user", "timezone=True", "timezone=False"),
    Mistake("missing default", "user", ', server_default=text("now()")', ""),
    Mistake("another default", "task", 'text("false")', 'text("true")'),
    Mistake("missing default of a key", "user", UUID, ""),
    Mistake("missing comment", "task", COMMENT, ""),
    Mistake("another table comment", "user", '"Accounts; ', '"Users; '),
    Mistake("foreign key by another name", "base", '_fkey"', '_fk"', reporter=CATALOG),
    Mistake("primary key by another name", "base", '_pkey"', '_pk"', reporter=CATALOG),
    Mistake(
        "primary key of two columns",
        "task",
        f"{FOREIGN_KEY}nullable=False",
        f"{FOREIGN_KEY}primary_key=True",
        reporter=CATALOG,
    ),
    Mistake("columns in another order", "user", EMAIL_AND_NAME, NAME_AND_EMAIL, reporter=CATALOG),
    Mistake("sequence of another start", "task", "always=True", "always=True, start=1000"),
    Mistake(
        "foreign key not checked at once", "task", '"CASCADE")', '"CASCADE", initially="DEFERRED")'
    ),
    Mistake(
        "index of another method",
        "task",
        '"user_id"),',
        '"user_id", postgresql_using="hash"),',
        reporter=CATALOG,
    ),
    Mistake(
        "index of some rows only",
        "task",
        '"user_id"),',
        '"user_id", postgresql_where=text("NOT completed")),',
        reporter=CATALOG,
    ),
]


@pytest.fixture(scope="module")
def checked(
    tmp_path_factory: pytest.TempPathFactory, migrated: Database
) -> dict[str, tuple[Path, str]]:
    """By the name of the mistake: the backend, and what ``alembic check`` says there."""
    folder = tmp_path_factory.mktemp("wrong")
    backends = {m.name: m.made(folder / str(number)) for number, m in enumerate(MISTAKES)}
    said = check_each(list(backends.values()), migrated)
    return {name: (backend, said[backend]) for name, backend in backends.items()}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_is_reported(mistake: Mistake, checked, cluster: Cluster):
    backend, said = checked[mistake.name]
    if mistake.reporter == CHECK:
        assert "New upgrade operations detected" in said
    else:
        assert "No new upgrade operations detected" in said
        assert models_against_schema(cluster, backend)


def test_a_copy_without_a_mistake_is_not_reported(tmp_path: Path, migrated: Database):
    right = Mistake("none", "user", EMAIL, EMAIL).made(tmp_path)
    assert "No new upgrade operations" in check_each([right], migrated)[right]
