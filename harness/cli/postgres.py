"""``harness postgres``: which versions are here; and a command run on several of them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TextIO

from harness.cli.options import Options
from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.core.results import Run
from harness.postgres.server import builds
from harness.postgres.server.binaries import OLDEST, Binaries, find, numbers, server_account
from harness.postgres.server.cache import Cache
from harness.reports import summaries
from harness.reports.output import Reports
from harness.reports.terminal import columns, encodable, padded


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
    """Run a command on each server; the worst exit code.

    Reports are written once, and say which server a result is of; the summary has a column for
    each. Raises ConfigError where they cannot be written, ServerError for programs that are not
    PostgreSQL's.
    """
    reports = Reports(options.reports, config.github, config.github_summary)
    reports.prepare()
    runs: dict[str, Run] = {}
    codes: list[int] = []
    stream = sys.stderr if reports.stdout_is_taken else sys.stdout
    try:
        for name, one in _servers(options, config).items():
            print(f"== {name} ==\n", file=stream, flush=True)
            codes.append(run(replace(options, taken=partial(runs.__setitem__, name)), one))
            print(file=stream)
    finally:
        if runs:  # what was found before an interruption is reported too
            found = Run.on_versions(runs)
            print(_table(found, stream), file=stream)
            reports.write(found)
    return max(codes)


def _servers(options: Options, config: Config) -> dict[str, Config]:
    """What each server is called, and the configuration that starts it."""
    if len(options.bindir) < 2:
        return {f"PostgreSQL {one}": replace(config, versions=(one,)) for one in config.versions}
    account, cache = server_account(config.server_user), Cache(config.cache_dir)
    found = [find(Path(one).resolve(), account, cache) for one in options.bindir]
    majors = Counter(one.major for one in found)
    exact = Counter(one.version for one in found)

    def name(one: Binaries) -> str:
        text = str(one.major) if majors[one.major] == 1 else one.version
        return f"PostgreSQL {text}" + (f" in {one.bindir}" if exact[one.version] > 1 else "")

    return {name(one): replace(config, bindir=one.bindir) for one in found}


def _table(run: Run, stream: TextIO) -> str:
    rows = summaries.of_versions(run)
    widths = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(padded, row, widths)).rstrip() for row in rows)
    return encodable("\n".join(lines), stream)
