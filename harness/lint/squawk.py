"""The squawk linter over migrations: which of them stop a database that is in use.

Only the up migration is shown to it. Its rules of taste and the ones that want timeouts in every
file are left out, or are advice. A ``.squawk.toml`` changes only what it says: ``included_rules``
make failures of those that they name, ``excluded_rules`` leave out more, and what it says of other
things changes nothing of that.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from harness.core import scratch
from harness.core.errors import ConfigError
from harness.core.files import of_toml
from harness.core.findings import Finding, Severity
from harness.lint._identity import contents, digest, text
from harness.lint._up_script import UpScript, up_script
from harness.lint.base import Project, Unit
from harness.lint.statements import plain

SETTINGS = ".squawk.toml"
DEFAULT_EXCLUDED = (
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "prefer-identity",
    "prefer-robust-stmts",
    "prefer-text-field",
    "require-lock-timeout",
    "require-statement-timeout",
)
SYNTAX_ERROR = "syntax-error"
ADVICE = (
    *("ban-drop-column", "ban-drop-table"),
    *("ban-char-field", "ban-create-domain-with-constraint", "prefer-timestamp-tz"),
)
"""What a migration may well be meant to do, and types that are a matter of taste: advice."""
_HELP = "https://squawkhq.com/docs/{}"


class Squawk:
    """The squawk linter: the up migration of each revision, all in one process."""

    name: ClassVar[str] = "squawk"
    reads: ClassVar[str] = "migration is an SQL file"
    on_a_server: ClassVar[bool] = False

    def __init__(self, project: Project) -> None:
        self._project = project

    def units(self) -> Sequence[Unit]:
        """Each revision whose up migration is an SQL file."""
        settings = self._settings()
        given = contents(settings) if settings else None
        ups = [one.up for one in self._project.source.migrations] if self._project.source else []
        known = set(self._project.judged)
        files = [path for path in dict.fromkeys(ups) if path in known]
        units = [Unit((p,), digest(self.name, given, str(p), contents(p))) for p in files]
        written = self._project.source.offline if self._project.source else {}
        for path, sql in written.items():
            if not self._project.is_judged(path):
                continue
            units.append(Unit((path,), digest(self.name, given, str(path), contents(path), sql)))
        return units

    def lint(self, units: Sequence[Unit]) -> list[list[Finding]]:
        """Its findings; one process for the files in a transaction, one for the others."""
        assert self._project.source is not None
        scripts = [up_script(self._project.source, unit.files[0]) for unit in units]
        found: dict[Path, list[Finding]] = {script.path: [] for script in scripts}
        for wrapped in (True, False):
            several = [script for script in scripts if script.transaction is wrapped]
            for finding in self._run(several, wrapped) if several else ():
                found[finding.path].append(finding)
        return [found[unit.files[0]] for unit in units]

    def fix(self) -> list[Path]:
        """Nothing: what is dangerous has no mechanical repair."""
        return []

    def _settings(self) -> Path | None:
        root = self._project.config.root
        places = (folder / SETTINGS for folder in (root, *root.parents))
        return next((path for path in places if path.is_file()), None)

    def _run(self, scripts: Sequence[UpScript], wrapped: bool) -> list[Finding]:
        """Show it copies under the names that its configuration knows the files by."""
        with scratch.directory("lint-") as folder:
            shown = {self._shown(script.path): script for script in scripts}
            for name, script in shown.items():
                copy = folder / name
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_text(script.sql, encoding="utf-8", newline="")
            said = _said([*self._options(wrapped), "--", *shown], folder)
        advised = set(ADVICE) - self._named("included_rules")
        return [_placed(shown[one["file"]], one, advised) for one in said]

    def _shown(self, path: Path) -> str:
        root = self._project.config.root
        inside = path.is_relative_to(root)
        name = str(path.relative_to(root) if inside else path.relative_to(path.anchor))
        return name if path.suffix == ".sql" else f"{name}.sql"

    def _options(self, wrapped: bool) -> list[str]:
        options = ["--reporter=json", "--no-error-on-unmatched-pattern"]
        settings = self._settings()
        options.append(f"--config={settings}" if settings else "--config=/dev/null")
        excluded = {*DEFAULT_EXCLUDED} - self._named("included_rules")
        excluded |= self._named("excluded_rules")  # on the command line they replace the file's
        options += [f"--exclude={rule}" for rule in sorted(excluded)]
        decided = settings is not None and b"assume_in_transaction" in contents(settings)
        return options if decided or not wrapped else [*options, "--assume-in-transaction"]

    def _named(self, key: str) -> set[str]:
        """The rules that the settings list there."""
        found = self._said().get(key, [])
        return set(map(str, found)) if isinstance(found, list) else set()

    def _said(self) -> dict[str, Any]:
        """What the settings say. Raises ConfigError."""
        settings = self._settings()
        if settings is None:
            return {}
        try:
            return of_toml(contents(settings).decode("utf-8"))
        except ValueError as error:
            raise ConfigError(f"{settings}: {error}") from None


def _said(arguments: Sequence[str], folder: Path) -> list[dict[str, Any]]:
    """What it prints. Raises ConfigError where that is no list of findings."""
    done = subprocess.run(
        [_program(), *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    try:
        return list(json.loads(done.stdout))
    except ValueError:
        said = (done.stderr or done.stdout).strip()
        raise ConfigError(f"squawk: {said or f'ended with {done.returncode}'}") from None


def readable(paths: Iterable[Path]) -> set[Path]:
    """The files in which squawk's parser, which is PostgreSQL's grammar, finds no syntax error.

    For files that are no migrations: its rules are not asked, and psql's commands are left out.
    """
    shown = {f"{number}.sql": path for number, path in enumerate(sorted(paths))}
    if not shown:
        return set()
    with scratch.directory("lint-") as folder:
        for name, path in shown.items():
            (folder / name).write_text(plain(text(path)), encoding="utf-8", newline="")
        said = _said(["--reporter=json", "--config=/dev/null", "--", *shown], folder)
    wrong = {shown[one["file"]] for one in said if one["rule_name"] == SYNTAX_ERROR}
    return set(shown.values()) - wrong


def _program() -> str:
    """The binary of the wheel, beside our own Python, else the one on the PATH."""
    beside = shutil.which("squawk", path=sysconfig.get_path("scripts"))
    found = beside or shutil.which("squawk")
    if found is None:
        raise ConfigError("squawk is not installed: pip install squawk-cli")
    return found


def _placed(script: UpScript, one: dict[str, Any], advised: Collection[str]) -> Finding:
    """A finding at its line; of a program's SQL, with the line that it is about."""
    found = _finding(script.path, one, advised)
    if not script.line:
        return found
    about = script.sql.split("\n")[found.line - 1].strip()
    return replace(found, line=script.line, column=1, message=f"{found.message} ({about})")


def _finding(path: Path, one: dict[str, Any], advised: Collection[str]) -> Finding:
    """Lines and columns count from 0 in its JSON."""
    message = " ".join(f"{one['message']} {one['help'] or ''}".split())
    code = one["rule_name"]
    help_url = _HELP.format(code)
    severity: Severity = "error" if one["level"] == "Error" else "warning"
    severity = "advice" if code in advised else severity
    place = (path, one["line"] + 1, one["column"] + 1)
    return Finding(*place, Squawk.name, code, message, severity, help_url)
