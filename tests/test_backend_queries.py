"""docs/database-queries.md, run from top to bottom: every query, every answer."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest
from alembic import command

from harness.cli.serve import url
from harness.postgres.cluster import Cluster
from tests.backend import BACKEND, alembic_config, new_database

TEXT = (BACKEND / "docs/database-queries.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
BLOCKS = [(b[1], b[2], TEXT[: b.start(2)].count("\n")) for b in BLOCK.finditer(TEXT)]


def rows(cursor: psycopg.Cursor[Any]) -> str:
    """As the document writes them."""
    found = cursor.fetchall() if cursor.description else []
    return "".join(" | ".join(map(word, row)) + "\n" for row in found)


def word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class Document:
    """The document under way: the last answer waits for the block that says what it is."""

    def __init__(self, database: psycopg.Connection[Any]) -> None:
        self.database = database
        self.names: dict[str, Any] = {"__name__": "document"}
        self.answer, self.failed, self.asked = "", False, 0

    def run(self, language: str, text: str) -> None:
        assert self.failed == (language == "error"), f"the answer is {self.answer}"
        getattr(self, language)(text)

    def sql(self, text: str) -> None:
        self.asked += 1
        try:
            self.answer = rows(self.database.execute(text.encode()))
        except psycopg.Error as error:
            self.failed = True
            self.answer = f"{error.sqlstate} {error.diag.constraint_name or ''}".strip() + "\n"

    def python(self, text: str) -> None:
        exec(compile(text, "database-queries.md", "exec"), self.names)

    def text(self, text: str) -> None:
        assert self.answer == text

    def error(self, text: str) -> None:
        self.failed = False
        assert self.answer == text


def test_every_query_answers_what_the_document_says(
    each_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
):
    with new_database(each_cluster) as database, database.connect() as connection:
        command.upgrade(alembic_config(database), "head")
        monkeypatch.setenv("DATABASE_URL", url(database))
        monkeypatch.setenv("BETTER_AUTH_SECRET", "x" * 44)
        document = Document(connection)
        for language, text, line in BLOCKS:
            try:
                document.run(language, text)
            except Exception as error:
                raise AssertionError(f"database-queries.md:{line}: {error!r}") from error
        document.names["engine"].dispose()
    assert not document.failed
    assert document.asked == TEXT.count("```sql\n") > 15


def test_every_fence_of_the_document_is_a_block_that_is_run():
    assert 2 * len(BLOCKS) == len(re.findall(r"^\s*```", TEXT, re.MULTILINE))
    assert {language for language, *_ in BLOCKS} == {"sql", "python", "text", "error"}


def test_the_document_has_each_kind_of_query():
    headings = " ".join(re.findall(r"^## (.*)", TEXT, re.MULTILINE)).lower()
    for kind in ("create a user", "create a task", "user's tasks", "update", "delete", "plans"):
        assert kind in headings
