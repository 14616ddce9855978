r"""The sqlfluff linter over psql scripts, configured in ``pyproject.toml`` as ever.

sqlfluff reads SQL and not psql's commands or the data of COPY, nor does its dialect know
savepoints; a line such as ``\set x 1`` or ``SAVEPOINT s;`` is shown to it as a comment and given
back unchanged. Where the project has no opinion on the dialect it is postgres, and the text is
no template. Where it has no opinion on rules, few are checked, layout is left alone, and the case
of keywords is advice.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any, ClassVar

from harness.core.errors import ConfigError
from harness.core.findings import Finding, Severity
from harness.lint._identity import contents, digest, text
from harness.lint._ignored import not_ignored
from harness.lint._sqlfluff_files import settings_of
from harness.lint.base import Project, Unit
from harness.lint.statements import parts

_UNKNOWN = re.compile(
    r"(?:SAVEPOINT|RELEASE|ROLLBACK(?: WORK| TRANSACTION)? TO)\b[^;]*;[ \t\r]*$", re.IGNORECASE
)
_HIDDEN = re.compile(r"-- not read: (\d+)|[ \t]*;[ \t]*-- sent: (\d+)")

PRESET = ("AL03", "AM04")
"""Not findings in assertion files: ``SELECT plan(1)`` and ``SELECT * FROM finish()``."""
DEFAULT_RULES = ("CP01", "AL04", "AM01", "CV05", "ST03", "ST08")
"""Where no rules are configured: keywords in one case, and what is likely not what was meant."""
TASTE = ("CP01",)
"""Those of them that break nothing: advice."""
_NO_OPINION = {"dialect", "templater", "encoding", "ignore_paths", "sql_file_exts", "processes"}
"""Settings that say how files are read, and nothing of what they should look like."""
WORTH_A_PROCESS = 8_000
"""Bytes of SQL that take sqlfluff about as long as a process takes to start."""
_HELP = "https://docs.sqlfluff.com/en/stable/reference/rules.html#rule-{}"


class SqlFluff:
    """The sqlfluff linter: every SQL file by itself."""

    name: ClassVar[str] = "sqlfluff"
    reads: ClassVar[str] = "SQL files"
    on_a_server: ClassVar[bool] = False

    def __init__(self, project: Project) -> None:
        self._project = project
        self._begun: dict[Path, Future[list[Finding]]] = {}

    def units(self) -> Sequence[Unit]:
        """Each file; its key has every file that sqlfluff would be configured by."""
        return [Unit((path,), self._key(path)) for path in self._files]

    def lint(self, units: Sequence[Unit]) -> list[list[Finding]]:
        """Violations, several files at once."""
        files = [unit.files[0] for unit in units]
        if files and self._begun.keys() >= {*files}:
            return [self._begun[file].result() for file in files]
        return self._each(_findings, files)

    @contextmanager
    def begun(self, units: Sequence[Unit]) -> Iterator[None]:
        """Look at files in processes within the block, where they are worth some.

        The processes are forked here, before there is a server whose end they could delay.
        """
        files = [unit.files[0] for unit in units]
        if self._jobs(files) <= 1:
            yield
            return
        work = self._work(_findings)
        with self._pool(files) as pool:
            self._begun = {file: pool.submit(work, file) for file in files}
            try:
                yield
            finally:
                pool.shutdown(cancel_futures=True)

    def fix(self) -> list[Path]:
        """Rewrite files as sqlfluff fixes them."""
        return [path for path in self._each(_fixed, self._files) if path is not None]

    @property
    def _files(self) -> list[Path]:
        return not_ignored(self._project.judged, self._project.config.root)

    def _key(self, path: Path) -> str | None:
        settings = settings_of(path.parent)
        if settings is None:
            return None
        test = "test" if self._project.is_test(path) else ""
        return digest(self.name, settings, test, path.name, contents(path))

    def _each(self, task: Callable[..., Any], files: Sequence[Path]) -> list[Any]:
        work = self._work(task)
        if self._jobs(files) <= 1:
            return [work(file) for file in files]
        with self._pool(files) as pool:
            return list(pool.map(work, files))

    def _work(self, task: Callable[..., Any]) -> Callable[[Path], Any]:
        return partial(_one, task, self._project.config.tests)

    def _jobs(self, files: Sequence[Path]) -> int:
        """The processes that it is worth looking at these files with."""
        worth = sum(len(contents(path)) for path in files) // WORTH_A_PROCESS
        return min(self._project.config.jobs, len(files), worth)

    def _pool(self, files: Sequence[Path]) -> ProcessPoolExecutor:
        _linter(files[0].parent, test=False)  # loaded once, before there are several of us
        # What is loaded is never freed, so that no process has to look through it for garbage.
        return ProcessPoolExecutor(self._jobs(files), initializer=gc.freeze)


def _one(task: Callable[[Path, bool], Any], tests: Sequence[Path], path: Path) -> Any:
    return task(path, any(place == path or place in path.parents for place in tests))


@cache
def _linter(folder: Path, test: bool) -> Any:
    """The tool itself, configured for the files of a directory. Raises ConfigError."""
    from sqlfluff.core import FluffConfig, Linter, SQLFluffUserError
    from sqlfluff.core.config.loader import load_config_up_to_path

    try:
        given = load_config_up_to_path(str(folder))
        overrides = _overrides(given.get("core") or {}, _is_opinion(given), test)
        return Linter(config=FluffConfig.from_path(str(folder), overrides=overrides))
    except SQLFluffUserError as error:
        raise ConfigError(f"sqlfluff: {error}") from None


def _is_opinion(given: Mapping[str, Any]) -> bool:
    """Whether a configuration says anything of rules, or of what one of them wants."""
    return bool(given.keys() - {"core"} or (given.get("core") or {}).keys() - _NO_OPINION)


def _overrides(core: Any, configured: bool, test: bool) -> dict[str, Any]:
    """What we say where the project does not, by the settings that it has."""
    defaults = {"dialect": "postgres", "templater": "raw"}
    if not configured:
        defaults["rules"] = ",".join(DEFAULT_RULES)
    overrides = {key: value for key, value in defaults.items() if not core.get(key)}
    if test:
        excluded = filter(None, [core.get("exclude_rules"), *PRESET])
        overrides["exclude_rules"] = ",".join(excluded)
    return overrides


def _findings(path: Path, test: bool) -> list[Finding]:
    shown, _ = _hidden(text(path).replace("\r\n", "\n"))
    linter = _linter(path.parent, test)
    advised = TASTE if linter.config.get("rules") == ",".join(DEFAULT_RULES) else ()
    linted = linter.lint_string(shown, fname=str(path))
    return sorted({_finding(path, violation, advised) for violation in linted.get_violations()})


def _finding(path: Path, violation: Any, advised: Sequence[str]) -> Finding:
    code = violation.rule_code()
    unread = code in ("PRS", "LXR", "TMP")
    severity: Severity = "error" if unread else "advice" if code in advised else "warning"
    return Finding(
        path,
        violation.line_no,
        violation.line_pos,
        SqlFluff.name,
        code,
        " ".join(violation.desc().split()),
        severity,
        "" if unread else _HELP.format(code.lower()),
    )


def _fixed(path: Path, test: bool) -> Path | None:
    before, crlf = text(path), b"\r\n" in contents(path)
    shown, kept = _hidden(before.replace("\r\n", "\n"))
    linted = _linter(path.parent, test).lint_string(shown, fname=str(path), fix=True)
    fixed = _HIDDEN.sub(lambda found: _shown(found, kept), linted.fix_string()[0])
    fixed = fixed.replace("\n", "\r\n") if crlf else fixed
    if fixed == before:
        return None
    path.write_text(fixed, encoding="utf-8", newline="")
    return path


def _hidden(script: str) -> tuple[str, dict[int, str]]:
    """A script with comments for what sqlfluff cannot read, and what they stand for."""
    lines, kept = script.split("\n"), dict[int, str]()
    unread = [part for part in parts(script) if part.kind != "sql"]
    starts = {n: part.start for part in unread for n in range(part.first - 1, part.last)}
    starts = {n: 0 for n, line in enumerate(lines) if _UNKNOWN.match(line)} | starts
    for number, start in starts.items():
        lead, kept[number] = lines[number][:start], lines[number][start:]
        sends = lead.strip() and not lead.rstrip().endswith(";")
        shown = f"{lead.rstrip()}; -- sent" if sends else f"{lead}-- not read"
        lines[number] = f"{shown}: {number}"
    return "\n".join(lines), kept


def _shown(found: re.Match[str], kept: Mapping[int, str]) -> str:
    """What stood in the place of a comment of ours."""
    sent = found[2] is not None
    return " " * sent + kept[int(found[2] if sent else found[1])]
