"""``harness postgres``: which versions are here; and a command run on several of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from harness.cli.command import Options
from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.postgres.server import builds
from harness.postgres.server.binaries import OLDEST, find, numbers, server_account
from harness.postgres.server.cache import Cache

_SAID = {0: "passed", 1: "failed", 2: "could not run"}


def postgres(config: Config, words: Sequence[str]) -> int:
    """List what is here for no words; fetch a version for ``add MAJOR``. Raises ConfigError."""
    cache = Cache(config.cache_dir)
    if not words:
        print("\n".join(_here(config, cache)))
        return 0
    if words[0] != "add" or len(words) < 2 or not all(one.isdecimal() for one in words[1:]):
        raise ConfigError(
            f"postgres: 'add' and a major version are expected, not {' '.join(words)}"
        )
    for one in words[1:]:
        print(f"PostgreSQL {builds.add(int(one), cache)} is here, with ICU, libxml and contrib")
    return 0


def _here(config: Config, cache: Cache) -> list[str]:
    used = find(config.bindir, server_account(config.server_user), cache)
    lines = [f"{used.version:<6} {used.bindir}  used by default"]
    for major in range(OLDEST, 19):
        if path := builds.added(major, cache):
            lines.append(f"{major:<6} {path}  fetched")
    lines += [f"{numbers(path)[0]:<6} {path}" for path in builds.system()]
    return lines


def on_each(options: Options, config: Config, run: Callable[[Options, Config], int]) -> int:
    """Run a command on each version; the worst exit code.

    A report has a file for each version: ``report.xml`` becomes ``report.pg16.xml``.
    """
    codes: dict[int, int] = {}
    stream = sys.stderr if "-" in options.reports.values() else sys.stdout
    for major in config.versions:
        print(f"== PostgreSQL {major} ==\n", file=stream, flush=True)
        reports = {name: _of_version(path, major) for name, path in options.reports.items()}
        one = replace(options, reports=reports)
        codes[major] = run(one, replace(config, versions=(major,)))
        print(file=stream)
    heads = " ".join(f"{f'PostgreSQL {major}':<15}" for major in codes)
    said = " ".join(f"{_SAID[code]:<15}" for code in codes.values())
    print(f"{heads.rstrip()}\n{said.rstrip()}", file=stream)
    return max(codes.values())


def _of_version(path: str, major: int) -> str:
    if path == "-":
        return path
    file = Path(path)
    return str(file.with_name(f"{file.stem}.pg{major}{file.suffix}"))
