"""The options of the command line: what each is for, and its value where it is not given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any

from harness.core.results import Run
from harness.reports.output import OF_MUTANTS, REPORTS


def _text(help: str) -> Any:
    return field(default=None, metadata={"help": help})


def _texts(help: str) -> Any:
    return field(default_factory=list, metadata={"help": help})


def _flag(help: str) -> Any:
    return field(default=False, metadata={"help": help})


@dataclass(frozen=True)
class Options:
    """What a command line gives; each command takes some of these, and the reports' own."""

    schema: str | None = _text("the file or directory with the schema, or 'none'")
    source: str | None = _text("the tool that keeps the schema, if its files do not show which")
    files: list[str] = _texts("lint only this file or directory; may be repeated")
    tests: list[str] = _texts("a file or directory of tests; may be repeated")
    server: str | None = _text("the URL of a server to use instead of a temporary one")
    bindir: list[str] = _texts(
        "the directory with initdb and postgres; repeat it where --versions may be repeated"
    )
    versions: list[str] = _texts("a major version of PostgreSQL to run on; may be repeated")
    words: list[str] = _texts(
        "'add' and a major version, such as 16; without them, list the versions"
    )
    pgtap: str | None = _text(
        "the assertions: 'builtin' (default), or 'extension' for the server's own pgTAP"
    )
    jobs: str | None = _text("how many files run at once (default: one per core)")
    timeout: str | None = _text("how many seconds a statement may take (default: 60)")
    since: str | None = _text(
        "judge only what changed since this git reference; 'auto' is a pull request's base"
    )
    strict: bool = _flag("fail on advice and undecided results, too")
    k: str | None = _text("run only files, assertions and checks whose name matches")
    tag: list[str] = _texts(
        "run only SQL files with this tag and checks with this marker; may be repeated"
    )
    not_tag: list[str] = _texts(
        "leave out SQL files with this tag and checks with this marker; may be repeated"
    )
    last_failed: bool = _flag("run only what failed last time, or everything if nothing failed")
    failed_first: bool = _flag("run what failed last time before the rest")
    x: bool = _flag("stop after the first file or check that fails")
    shuffle: bool = _flag("run in random order, and print the seed")
    seed: str | None = _text("the seed of the random order and of generated rows")
    tables: list[str] = _texts("only this table; may be repeated")
    places: list[str] = _texts("a source, source@revision, postgresql:// URL or snapshot.json")
    output: str | None = _text("write to this file instead of standard output")
    only: list[str] = _texts(
        "only this check or group: constraints, triggers, sequences, isolation, privileges"
    )
    kind: list[str] = _texts("try only mutants of this kind of object; may be repeated")
    list_: bool = _flag("list the mutants without trying them")
    min_score: str | None = _text("fail if tests notice a smaller percentage of the mutants")
    compare: str | None = _text(
        "an earlier report of --json; fail on survivors that it does not have"
    )
    shard: str | None = _text("try one part of the mutants, as K/N: 1/4 is the first of four parts")
    scheduler: str | None = _text("the address of dask.distributed's scheduler, as tcp://host:8786")
    merge: list[str] = _texts("merge this --json report of a shard; repeat it for every shard")
    write_tests: str | None = _text("write a test for each proven gap to this directory")
    record: bool = _flag("record the present state; later runs fail if it differs")
    update: bool = _flag("make the newest revision the baseline")
    scaffolded: list[str] = _texts("'tests' or 'access', then tables; without tables, all of them")
    ci: str | None = _text("also write a CI job: 'github' or 'gitlab'")
    pre_commit: bool = _flag("also write the configuration of pre-commit")
    dry_run: bool = _flag("show what would be written, and write nothing")
    examples: str | None = _text("how many rows each property is tried with (default: 1)")
    set: list[str] = _texts("a psql variable for the test files, as NAME=VALUE; may be repeated")
    one_database: bool = _flag("run the SQL files in order in one database, as pg_prove does")
    durations: str | None = _text("list this many of the slowest statements")
    keep_failed: bool = _flag("keep the database of a failed file, for 'harness psql'")
    xunit: str | None = _text("run the test functions in this schema instead of test files")
    match: str | None = _text("with --xunit: only functions that match this regular expression")
    v: bool = _flag("list every result, not only failures")
    quiet: bool = _flag("show only failures and the summary")
    kept: str | None = _text("a part of the name of the kept database, or of its test file")
    drop: bool = _flag("drop all kept databases of this project")
    fresh: bool = _flag("run every step again, even if nothing has changed since it passed")
    fix: bool = _flag("repair the files in place, as far as the linters can")
    sql: bool = _flag("print the SQL that creates the assertions")
    name: str | None = _text("only the assertion with this name")
    ids: list[str] = _texts("a rule, a property, a kind of mutant, an outcome or an exit code")
    shell: list[str] = _texts("bash, zsh or fish")
    reports: Mapping[str, str] = field(default_factory=dict)
    """Report -> the file that it goes to."""
    taken: Callable[[Run], None] | None = None
    """Takes what a run found, where it is one of several that are reported together."""


@dataclass(frozen=True, slots=True)
class Option:
    """How a command line asks for an option; ``default`` also tells its type."""

    default: str | bool | list[str] | None
    help: str


def _default(one: Field[Any]) -> Any:
    return one.default if one.default_factory is MISSING else one.default_factory()


OPTIONS = {
    **{o.name: Option(_default(o), o.metadata["help"]) for o in fields(Options) if o.metadata},
    **{name: Option(None, help) for name, (_, help) in {**REPORTS, **OF_MUTANTS}.items()},
}
"""Name -> what it is."""


POSITIONAL = ("places", "tables", "files", "scaffolded", "tests", "words", "ids", "shell")
"""Options whose values may stand without a flag."""


SETTINGS = (
    *("schema", "source", "tests", "server", "bindir", "versions", "pgtap", "jobs", "timeout"),
    "strict",
)
"""Options that are keys of the configuration."""
