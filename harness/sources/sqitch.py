"""sqitch: ``deploy/``, ``revert/`` and ``verify/`` scripts in the order of ``sqitch.plan``.

They are psql scripts, each in a session as good as new, and control their transactions
themselves, as sqitch has it. After a deployment its verify script, where there is one, is
run in a transaction that is rolled back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

import psycopg

from harness.core.config import Config
from harness.core.errors import ConfigError, ScriptError
from harness.postgres.psql import Script
from harness.postgres.session import PG_PROVE, transaction_control
from harness.sources._sqitch_plan import Change, changes
from harness.sources._sqitch_settings import Settings
from harness.sources.base import Migration
from harness.sources.ordered import Ordered
from harness.sources.recognition import SQITCH_CONF, SQITCH_PLAN, sqitch_root
from harness.sources.running import abandon, afresh, run


@dataclass(frozen=True, slots=True)
class Sqitch(Ordered):
    """A sqitch project: its directory, its plan or its sqitch.conf."""

    name: ClassVar[str] = "sqitch"
    settings: Settings
    verifies: Mapping[str, Path] = field(default_factory=dict)
    """Name of a migration -> its verify script, where there is one."""

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """Read settings and plan. ConfigError or ScriptError for a plan that cannot be deployed."""
        root = sqitch_root(path)
        if root is None:
            raise ConfigError(f"{path}: no {SQITCH_PLAN} and no {SQITCH_CONF} here")
        settings = Settings.of(root)
        if not settings.plan.is_file():
            raise ConfigError(f"{settings.plan}: no such plan; sqitch.conf's plan_file names it")
        migrations, verifies = [], {}
        for change in changes(settings.plan):
            name = f"{change.name}@{change.reworked[0]}" if change.reworked else change.name
            up, down, verify = (_script(change, way, settings) for way in settings.folders)
            if not up.is_file():
                raise ScriptError(settings.plan, change.line, f"{up} does not exist")
            migrations.append(Migration(name, up, down if down.is_file() else None))
            if verify.is_file():
                verifies[name] = verify
        return cls(path, tuple(migrations), settings, verifies)

    @property
    def files(self) -> tuple[Path, ...]:
        """Deploy, revert and verify scripts, in order."""
        groups = ((m.up, m.down, self.verifies.get(m.name)) for m in self.migrations)
        return tuple(dict.fromkeys(path for group in groups for path in group if path))

    @property
    def counted(self) -> tuple[Path, ...]:
        """The plan, the scripts and what they include, and sqitch.conf."""
        root = sqitch_root(self.path)
        conf = [root / SQITCH_CONF] if root and (root / SQITCH_CONF).is_file() else []
        return (*conf, self.settings.plan, *self.files, *self._included())

    def upgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Deploy a change and verify it."""
        self._run(connection, migration.up, "deploy")
        if verify := self.verifies.get(migration.name):
            self._verify(connection, verify)

    def downgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Revert a change."""
        assert migration.down is not None
        self._run(connection, migration.down, "revert")

    def _run(self, connection: psycopg.Connection[Any], path: Path, way: str) -> None:
        script = self._open(path, way)
        run(connection, script, wrapped=False)
        afresh(connection)  # each script has a psql of its own

    def _verify(self, connection: psycopg.Connection[Any], path: Path) -> None:
        script = self._open(path, "verify")
        controls = any(transaction_control(one.sql) for one in script.statements())
        try:
            run(connection, script, wrapped=not controls, end="ROLLBACK")
        finally:
            abandon(connection)
        afresh(connection)

    def _open(self, path: Path, way: str) -> Script:
        return Script.open(path, PG_PROVE | dict(self.settings.variables[way]))

    def _included(self) -> list[Path]:
        """What the scripts include, and is no script itself."""
        every = self.settings.variables["deploy"]
        scripts = (Script.open(file, PG_PROVE | dict(every)) for file in self.files)
        found = {one.path.resolve() for script in scripts for one in script.statements()}
        return sorted(found - {file.resolve() for file in self.files})


def _script(change: Change, way: str, settings: Settings) -> Path:
    """A change's script; a reworked one has the name of one of the tags since."""
    if not change.reworked:
        return settings.folders[way] / f"{change.name}.{settings.extension}"
    names = [f"{change.name}@{tag}.{settings.extension}" for tag in change.reworked]
    places = [settings.reworked[way] / name for name in names]
    return next((place for place in places if place.is_file()), places[0])
