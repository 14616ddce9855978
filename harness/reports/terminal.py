"""What a person reads: steps as they end, and the table that sums them up."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TextIO

from harness.results import Verdict

_MARKS = {0: ("✓", "32"), 1: ("✗", "31"), 2: ("!", "33")}


def step(name: str, verdict: Verdict) -> int:
    """Print one step; its exit code."""
    if verdict.text:
        print(verdict.text)
    print(_line(name, verdict))
    return verdict.code


Report = Callable[[str, Verdict], None]


def table(run: Callable[[Report], int]) -> int:
    """Show each step as it ends and all of them at the end; the exit code of ``run``."""
    rows: list[tuple[str, Verdict]] = []

    def report(name: str, verdict: Verdict) -> None:
        rows.append((name, verdict))
        if verdict.text and (verdict.code or name == "apply"):
            print(f"── {name} ".ljust(72, "─"))
            print(verdict.text)

    code = run(report)
    print("── gate ".ljust(72, "─"))
    for name, verdict in rows:
        print(_line(name, verdict))
    return code


def _line(name: str, verdict: Verdict) -> str:
    mark, colour = _MARKS[verdict.code] if verdict.ran else ("–", "33")
    time = f"{verdict.seconds:.2f} s" if verdict.ran else ""
    return f"{coloured(mark, colour, sys.stdout)} {name:<12}{verdict.summary:<50}{time:>8}"


def coloured(text: str, colour: str, stream: TextIO) -> str:
    """Text in a colour, where the stream is a terminal.

    NO_COLOR and FORCE_COLOR in the environment say otherwise (https://no-color.org).
    """
    wanted = bool(os.environ.get("FORCE_COLOR")) or stream.isatty()
    shown = wanted and not os.environ.get("NO_COLOR")
    return f"\033[{colour}m{text}\033[0m" if shown else text
