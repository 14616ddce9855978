"""graphile-migrate: its settings, placeholders, and what is in progress."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.config import Config
from harness.core.errors import ConfigError, ScriptError
from harness.sources import SchemaSource, open_source
from tests import sources
from tests.project import Project, output
from tests.sources import public, write

connection = sources.connection

GMRC = """/* Graphile Migrate */
{
  // "connectionString": "postgres://x",
  pgSettings: { "search_path": "app,public" },
  "placeholders": { ":APP_SCHEMA": "!ENV", ':AMOUNT': '7', ":HOME": "!ENV", ":LIMIT": "!ENV", },
  "afterReset": [
    "!first.sql", // as a superuser
    { "_": "sql", "file": "shadow.sql", "shadow": true },
    { "_": "command", "command": "graphile-worker --schema-only" },
  ],
}
"""
COMMITTED = (
    "--! Previous: -\n--! Hash: sha1:0\nCREATE TABLE a AS SELECT :AMOUNT AS i, ':LIMIT' AS l;\n"
)


def opened(root: Path, **files: str) -> SchemaSource:
    """The project with these files, each ``__`` of whose names is a slash."""
    write(root, {".gmrc": GMRC, "migrations/first.sql": "CREATE SCHEMA :APP_SCHEMA;\n"})
    write(root, {f"migrations/{name.replace('__', '/')}.sql": text for name, text in files.items()})
    found = open_source(Config(root, root / "migrations"))
    assert found is not None
    assert found.name == "graphile"
    return found


def test_settings_placeholders_and_what_a_new_database_gets_first(
    tmp_path: Path, connection, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("APP_SCHEMA", "app")
    write(tmp_path, {".env.example": "# none\nexport HOME='h'\n"})
    monkeypatch.delenv("HOME")
    source = opened(tmp_path, committed__000001=COMMITTED, current="-- nothing\n")
    source.prepare(connection)
    source.apply(connection)
    row = connection.execute("SELECT i, l FROM app.a").fetchone()  # by pgSettings in this schema
    assert row == (7, "limit")
    invented, commands = source.warnings
    assert "LIMIT=limit" in invented
    assert "HOME" not in invented
    assert "graphile-worker --schema-only" in commands


def test_what_is_in_progress_is_applied_until_something_is_committed(tmp_path: Path, connection):
    here = "SET search_path TO public;\n"
    work = {
        "current__2-b": f"{here}CREATE TABLE b (i int PRIMARY KEY REFERENCES a);\n",
        "current__10-c": f"{here}CREATE TABLE c (i int REFERENCES b);\n",
        "current__1-a": f"{here}CREATE TABLE a (i int PRIMARY KEY);\n",
    }
    source = opened(tmp_path, **work)
    source.apply(connection)
    assert public(connection) == ["a", "b", "c"]
    assert "nothing is committed yet, so current/ is applied" in source.warnings[0]
    source = opened(tmp_path, committed__000001=COMMITTED)
    assert [one.name for one in source.migrations] == ["000001"]
    assert "current/ is work in progress and not applied" in source.warnings[0]


def test_a_file_that_only_the_tool_includes_is_refused(tmp_path: Path, connection):
    source = opened(tmp_path, current="SELECT 1;\n--!include functions/f.sql\n")
    with pytest.raises(ScriptError, match=r"current\.sql:2: --!include is not served"):
        source.apply(connection)


def test_settings_that_cannot_be_read_or_name_no_file(tmp_path: Path):
    write(tmp_path, {".gmrc": '{"afterReset": "first.sql"}', "migrations/current.sql": ""})
    with pytest.raises(ConfigError, match=r"afterReset names .*first\.sql, which is not there"):
        open_source(Config(tmp_path, tmp_path))
    (tmp_path / ".gmrc").write_text("/* two\nlines */ { a: }\n")
    with pytest.raises(ConfigError, match=r"\.gmrc: .* line 2"):
        open_source(Config(tmp_path, tmp_path))


def test_a_role_of_after_reset_is_made_once_for_all_databases(tmp_path: Path):
    write(
        tmp_path, {".gmrc": '{"afterReset": "!../roles.sql"}', "roles.sql": "CREATE ROLE r_gm;\n"}
    )
    write(tmp_path, {"migrations/current/1.sql": "CREATE TABLE a (i int PRIMARY KEY);\n"})
    done = Project(tmp_path).run("apply")
    assert done.returncode == 0, output(done)
