"""backend/README.md: its commands, run in their order by a user who has just arrived."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.postgres.cluster import Cluster
from tests.backend import BACKEND, SQL, run
from tests.project import BIN

README = (BACKEND / "README.md").read_text("utf-8")
COMMANDS = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
]
SECRET = "s3cret" * 8


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What git has of the backend and of the schema."""
    shutil.copytree(SQL, tmp_path / "sql")
    ignored = shutil.ignore_patterns(".env", "node_modules", "__pycache__", "*.egg-info")
    shutil.copytree(BACKEND, tmp_path / "backend", ignore=ignored)
    return tmp_path


@pytest.fixture
def served(checkout: Path) -> Iterator[str]:
    """The URL that the README's server prints."""
    (line,) = [line for line in COMMANDS if line.startswith("harness serve")]
    command = [str(BIN / "harness"), *shlex.split(line)[1:]]
    environ = {k: v for k, v in os.environ.items() if not k.startswith("HARNESS")}
    process = subprocess.Popen(
        command,
        cwd=checkout,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        yield process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
        assert process.returncode == 0, said


@pytest.fixture
def path(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> str:
    """A PATH with psql, which the embedded PostgreSQL has too."""
    folder = tmp_path_factory.mktemp("bin")
    psql = shutil.which("psql") or str(cluster.server.binaries.program("psql"))
    (folder / "psql").symlink_to(psql)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


class User:
    """Who follows the README, in one terminal, after the installation."""

    def __init__(self, checkout: Path, url: str, path: str) -> None:
        self.backend, self.url = checkout / "backend", url
        self.environ = {"PATH": f"{BIN}{os.pathsep}{path}"}
        self.said: dict[str, str] = {}

    def type(self, line: str) -> None:
        """One command; what it needs to be told is told as the README says."""
        if line.startswith("export DATABASE_URL="):
            self.environ["DATABASE_URL"] = self.url
            return
        words = [word.replace("$DATABASE_URL", self.url) for word in shlex.split(line)]
        kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "PYTHONPATH")}
        environ = kept | self.environ | {"PYTHONPATH": str(self.backend / "src")}
        done = subprocess.run(
            words, cwd=self.backend, env=environ, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        self.said[line] = done.stdout
        if line == "cp .env.example .env":
            self.fill_in()

    def fill_in(self) -> None:
        path = self.backend / ".env"
        text = path.read_text()
        text = text.replace("DATABASE_URL=\n", f"DATABASE_URL={self.url}\n")
        path.write_text(text.replace("BETTER_AUTH_SECRET=\n", f"BETTER_AUTH_SECRET={SECRET}\n"))


def test_the_first_steps_lead_there_and_back(checkout: Path, served: str, path: str):
    user = User(checkout, served, path)
    start, end = COMMANDS.index("cp .env.example .env"), COMMANDS.index("alembic downgrade base")
    for line in COMMANDS[start : end + 1]:
        user.type(line)
    assert user.said["alembic current"] == "0002 (head)\n"
    assert "No new upgrade operations detected." in user.said["alembic check"]
    assert user.said["python scripts/seed_database.py"] == "inserted 2 users and 10 tasks\n"
    data, plan = (text for line, text in user.said.items() if line.startswith("psql"))
    assert "Water the plants" in data
    assert "idx_tasks_user_id" in plan
    user.type("alembic current")
    assert user.said["alembic current"] == ""


def test_the_tests_pass_as_they_are_run(checkout: Path):
    (line,) = [line for line in COMMANDS if "pytest" in line]
    assert line == "(cd backend && pytest tests/ -v)"
    done = run("pytest", "tests/", "-v", backend=checkout / "backend")
    assert done.returncode == 0, done.stdout
    names = {file.name for file in (BACKEND / "tests").glob("test_*.py")}
    assert names == set(re.findall(r"^tests/(test_\w+\.py)::", done.stdout, re.MULTILINE))


def test_a_migration_is_added_as_described(checkout: Path, served: str, path: str):
    user = User(checkout, served, path)
    user.type("cp .env.example .env")
    user.type("alembic upgrade head")
    up, down = re.findall(r"`(0003_\w+\.(?:up|down)\.sql)`", README)
    (checkout / "sql/migrations" / up).write_text("ALTER TABLE tasks ADD due_date date;\n")
    (checkout / "sql/migrations" / down).write_text("ALTER TABLE tasks DROP due_date;\n")
    model = user.backend / "src/todo/models/task.py"
    field = "    due_date: date | None = Field(default=None, sa_column=Column(Date))\n"
    text = model.read_text() + field
    text = text.replace("import datetime\n", "import date, datetime\n", 1)
    model.write_text(text.replace("    Column,\n", "    Column,\n    Date,\n", 1))
    for line in COMMANDS[COMMANDS.index("alembic downgrade base") + 1 :]:
        user.type(line)
    assert "No new upgrade operations detected." in user.said["alembic check"]
    user.type("alembic current")
    assert user.said["alembic current"] == "0003 (head)\n"


def test_the_installation_is_the_one_that_there_is():
    assert COMMANDS[:3] == [
        "python3 -m venv .venv",
        ". .venv/bin/activate",
        "pip install -e . -e backend",
    ]
    project = tomllib.loads((BACKEND / "pyproject.toml").read_text())
    assert project["project"]["name"] == "todo"
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["src/todo"]


def test_what_is_imported_is_declared():
    """Each third-party package that the backend's own files name."""
    imported = set()
    for folder in ("src", "scripts", "migrations"):
        for path in (BACKEND / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    imported |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    imported.add((node.module or "").partition(".")[0])
    project = tomllib.loads((BACKEND / "pyproject.toml").read_text())["project"]
    declared = {re.match(r"[\w-]+", text)[0].replace("-", "_") for text in project["dependencies"]}
    third_party = imported - set(sys.stdlib_module_names) - {"todo"}
    assert third_party == declared


def test_links_lead_to_files():
    for document in [BACKEND / "README.md", *(BACKEND / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text("utf-8")):
            assert (document.parent / target).exists(), f"{document}: {target}"


@pytest.mark.parametrize(
    "subject",
    [
        "one source of truth",
        "index",
        "timestamps are kept by the database",
        "instead of bigserial",
        "timestamptz",
        "pooled endpoint",
        "row level security",
    ],
)
def test_each_decision_has_its_context_and_consequence(subject: str):
    records = [path.read_text("utf-8") for path in (BACKEND / "docs/decisions").glob("*.md")]
    (record,) = [text for text in records if subject in text.partition("\n")[0].lower()]
    parts = re.findall(r"^\*\*(\w+)\.\*\*", record, re.MULTILINE)
    assert parts == ["Context", "Decision", "Consequence"]
    assert len(record.split()) < 250


def test_every_option_of_the_seed_is_in_the_readme():
    shown = run("python", "scripts/seed_database.py", "--help").stdout
    assert set(re.findall(r"--\w+", shown)) - {"--help"} <= set(re.findall(r"--\w+", README))
