"""A project as a user has it, and commands run in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.commands import INTERPRETER, shared_fork_server
from tests.support.lender import shared_lender

BIN = Path(sys.executable).parent

UP = """CREATE TABLE notes (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT notes_pkey PRIMARY KEY,
    body text NOT NULL
);
"""
DOWN = "DROP TABLE notes;\n"
TEST = """BEGIN;
SELECT plan(2);
SELECT is((SELECT count(*) FROM notes), 0::bigint, 'no notes yet');
SELECT is(1, 1, 'one is one');
SELECT * FROM finish();
ROLLBACK;
"""
PYTHON = """
def test_ids_start_at_one(database, connect):
    database.execute("INSERT INTO notes (body) VALUES ('x')")
    assert connect().execute("SELECT id FROM notes").fetchall() == [(1,)]
"""
ONLY_TESTS = "[tool.harness.properties]\nenabled = false\n"
PYPROJECT = """[tool.sqlfluff.core]
dialect = "postgres"
rules = "CP01,LT01"

[tool.sqlfluff.rules.capitalisation.keywords]
capitalisation_policy = "upper"
"""

_OURS = ("HARNESS", "PYTEST", "GITHUB", "FORCE_COLOR")
"""What the names of variables begin with that would change what is tested."""


OWN_SERVER = ("--keep-failed", "psql", "serve")
"""Words of commands that are about a server which lives on."""
TIMEOUT = 120
"""Seconds that a command may take."""


class Project:
    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name: str, text: str | bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def run(
        self, *arguments: str, program: str = "harness", **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as a user does; in a fork, where Python's own start is not tested."""
        command = [str(BIN / program), *arguments]
        if any(name.startswith(INTERPRETER) for name in environ):
            return self._process(command, environ)
        environ = _others() | environ
        if any(word in OWN_SERVER for word in arguments):
            return shared_fork_server().run(command, self.root, environ, TIMEOUT)
        with shared_lender().lend() as terms:
            return shared_fork_server().run(command, self.root, environ, TIMEOUT, server=terms)

    def process(
        self, *arguments: str, program: str = "harness", **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as a process of its own."""
        return self._process([str(BIN / program), *arguments], environ)

    def _process(
        self, command: list[str], environ: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.root,
            env=_others() | environ,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            stdin=subprocess.DEVNULL,
        )


def _others() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(_OURS)}


def output(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout + done.stderr


def notes(root: Path) -> Project:
    """A project with one table, a test of it in SQL, and one in Python."""
    made = Project(root)
    made.write("pyproject.toml", PYPROJECT)
    made.write("sql/migrations/0001_notes.up.sql", UP)
    made.write("sql/migrations/0001_notes.down.sql", DOWN)
    made.write("pgtap_tests/notes.sql", TEST)
    made.write("pgtap_tests/test_notes.py", PYTHON)
    return made
