"""The configuration of a run: one frozen value, and the keys that its tables may have.

``config_reader`` makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

Keys = Mapping[str, tuple[type | tuple[bool | str, ...], str, *tuple[str, ...]]]
"""Key -> type or the values there are, what is expected in words, and what it is for."""

PROPERTIES: Keys = {
    "enabled": (bool, "true or false", "false: only where `harness properties` asks for them"),
    "tenant": (str, "the name of a column", "the column that says whose a row is"),
    "examples": (int, "a number", "rows that each property is tried with; 1 by default"),
    "allow": (dict, "a table of property = reason", "properties that may fail, and why"),
    "record": (
        str,
        "the path of a file",
        "the file with the recorded properties, which later schemas are compared with",
    ),
}


ACCESS: Keys = {
    "enabled": (bool, "true or false", "false: only where `harness access` asks for it"),
    "record": (
        str,
        "the path of a file",
        "the file with the recorded access, which later schemas are compared with",
    ),
}


MIGRATIONS: Keys = {
    "enabled": (bool, "true or false", "false: only where `harness migrations` asks for it"),
    "blocked": (
        float,
        "a number of seconds such as 1.0",
        "seconds that another session may have to wait; 1.0 by default",
    ),
    "rows": (int, "a number", "rows in each table; 2 by default"),
    "many": (int, "a number", "rows in tables that a migration reads in full; 1000 by default"),
    "reversible": (bool, "true or false", "true: a revision without a down migration fails"),
    "allow": (
        dict,
        "a table of revision::rule = reason",
        "findings that are right as they are, and why",
    ),
}

MUTATION: Keys = {
    "allow": (dict, "a table of mutant = reason", "mutants that nobody has to notice, and why"),
    "min_score": (
        float,
        "a percentage such as 90",
        "the percentage of the mutants that tests have to notice",
    ),
}

GATE: Keys = {
    "mutate": (
        (True, False, "changed"),
        "true, false or 'changed'",
        "true: mutation testing is a step of the gate; changed: of what `since` says has changed",
    ),
}


TESTS_CONVENTIONS = ("pgtap_tests", "supabase/tests", "tests/pgtap", "tests/sql")


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a run can be told. Paths are absolute once loaded."""

    root: Path = field(default_factory=Path.cwd)
    """The directory of ``pyproject.toml``, else the working directory."""
    schema: Path | None = None
    """The directory or file with the schema; ``none`` for a run without a schema."""
    source: str | None = None
    """The tool that keeps the schema, if its files do not show which."""
    before: tuple[Path, ...] = ()
    """SQL files that run before the first migration, such as roles. No step checks them."""
    create_roles: bool = False
    """true: create the roles that migrations name and nothing creates."""
    command: tuple[str, ...] = ()
    """For ``source = "command"``: the program that migrates, with its arguments; no shell."""
    command_down: tuple[str, ...] = ()
    """For ``source = "command"``: the program that undoes every migration, if there is one."""
    command_url: str = "DATABASE_URL"
    """The environment variable in which that program finds the URL of the database."""
    command_tcp: bool = False
    """true: the server listens on TCP too, for a program that cannot use a Unix socket."""
    left_out: frozenset[str] = frozenset()
    """Names of revisions, the last ones, that a run does without, to see what was before them."""
    choices: tuple[Path, ...] = ()
    """Schemas that were found, where there are several and none was named."""
    schemaless: bool = False
    """Whether a run without a schema was asked for, and not just none found."""
    tests: tuple[Path, ...] = ()
    """Files and directories with SQL test files and Python checks."""
    server: str | None = None
    """URL of an existing server; without it, a temporary one is started."""
    bindir: Path | None = None
    """The directory of the programs initdb and postgres."""
    versions: tuple[int, ...] = ()
    """Major versions of PostgreSQL to run on, one after the other."""
    pgtap: str = "builtin"
    """Which assertions: the built-in ones, or the pgTAP extension of the server."""
    pgtap_schema: str = "tap"
    """The schema in which the built-in assertions are installed."""
    jobs: int = 0
    """How many test files run at once; by default, one per core."""
    timeout: float = 60.0
    """How many seconds a statement may take."""
    server_user: str | None = None
    """The account that runs the server if the harness runs as root."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Settings of the temporary server, as in postgresql.conf."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """psql variables for the test files, as ``psql -v`` sets them."""
    properties: Mapping[str, Any] = field(default_factory=dict)
    """How property checks are run, as ``[tool.harness.properties]`` says."""
    access: Mapping[str, Any] = field(default_factory=dict)
    """How access is looked at, as ``[tool.harness.access]`` says."""
    migrations: Mapping[str, Any] = field(default_factory=dict)
    """What migrations are held to, as ``[tool.harness.migrations]`` says."""
    mutation: Mapping[str, Any] = field(default_factory=dict)
    """How mutants are tried, as ``[tool.harness.mutation]`` says."""
    gate: Mapping[str, Any] = field(default_factory=dict)
    """Which further steps a gate has, as ``[tool.harness.gate]`` says."""
    baseline: str | None = None
    """The last old revision: it and those before it are applied and not judged."""
    since: str | None = None
    """A git reference: only what has changed since its merge base with HEAD is judged.

    ``auto`` is the base of the pull request that a CI server builds; elsewhere, all is judged.
    """
    since_refs: tuple[str, ...] = ()
    """The references that ``since`` stands for: the first that git knows is meant."""
    strict: bool = False
    """true: advice and undecided results fail a run."""
    fail_on: tuple[str, ...] = ()
    """Ids, or patterns of ids, of advice and undecided results that fail a run."""
    cache_dir: Path | None = None
    """The cache, instead of the platform's cache directory."""
    temp_dir: Path | None = None
    """Where temporary servers live, instead of memory or the temporary directory."""
    elsewhere: bool = False
    """Whether a flag names another schema than the project's, which knows other names."""
    configured: bool = False
    """Whether ``[tool.harness]`` exists, so that plain pytest takes part."""
    github: bool = False
    """Whether GitHub Actions runs us."""
    github_summary: Path | None = None
    """The file to which GitHub Actions wants a job's summary added."""


_DERIVED = {"root", "choices", "elsewhere", "configured", "schemaless", "github", "github_summary"}
_DERIVED |= {"since_refs", "left_out"}
KEYS = tuple(f.name for f in fields(Config) if f.name not in _DERIVED)
