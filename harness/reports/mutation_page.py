"""Mutants as one page of HTML that needs nothing else: by table, survivors first."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import TextIO

from harness.core.results import Group, Kind, Outcome, Result, Run
from harness.reports import summaries
from harness.reports.failure_text import place, relative

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
h1, h2 { font-weight: 600 } pre { background: #f6f6f6; padding: .6rem; overflow-x: auto }
details { border-left: 4px solid #ccc; margin: .4rem 0; padding: .1rem .8rem }
.survived { border-color: #c62828 } .gap { border-color: #e69500 }
.noticed { border-color: #2e7d32 } ins, del { text-decoration: none }
ins { background: #e2f3e4 } del { background: #fbe3e3 }
summary { cursor: pointer } .place { color: #666 }
@media (prefers-color-scheme: dark) {
  body { background: #181818; color: #ddd } pre { background: #242424 }
  ins { background: #1d3a22 } del { background: #4a2020 }
}
"""
_WORDS = {"survived": "survived", "gap": "proven gap", "noticed": "noticed", "apart": "not counted"}


def write(run: Run, stream: TextIO) -> None:
    """Write the page of a run."""
    groups = [group for group in run.groups if group.kind is Kind.MUTANT]
    stream.write('<!doctype html><html lang="en"><head><meta charset="utf-8">')
    stream.write('<meta name="viewport" content="width=device-width">')
    stream.write(f"<title>Mutants</title><style>{_STYLE}</style></head><body>")
    said = html.escape(summaries.mutants(run))
    stream.write(f"<h1>Would the tests notice?</h1><p>{said}</p>")
    for group in groups:
        name = html.escape(group.path.name)
        stream.write(f'<section><h2 id="{name}">{name}</h2>')
        stream.writelines(_mutant(result, run) for result in _ordered(group))
        stream.write("</section>")
    stream.write("</body></html>\n")


def _ordered(group: Group) -> Iterator[Result]:
    for kind in _WORDS:
        yield from (result for result in group.results if _kind(result) == kind)


def _kind(result: Result) -> str:
    if result.outcome is Outcome.PASSED:
        return "noticed"
    if result.facts.get("gap"):
        return "gap"
    return "survived" if result.facts.get("status") == "survived" else "apart"


def _mutant(result: Result, run: Run) -> str:
    kind, (path, line) = _kind(result), result.location
    where = f"{relative(path, run.root)}:{line}" if line else ""
    said = result.message or result.reason
    if result.outcome is Outcome.ADVICE:
        said = f"{place(result, run.root)}\n{said}".strip()
    diff = "\n".join(_line(text) for text in str(result.facts.get("diff", "")).splitlines())
    shown = f"<pre>{html.escape(result.evidence)}</pre>" if result.evidence else ""
    opened = " open" if kind in ("survived", "gap") else ""
    return (
        f'<details class="{kind}"{opened}><summary>{html.escape(result.title)}'
        f' <b>{_WORDS[kind]}</b> <span class="place">{html.escape(where)}</span></summary>'
        f"<pre>{diff}</pre><pre>{html.escape(said)}</pre>{shown}</details>\n"
    )


def _line(text: str) -> str:
    tag = {"-": "del", "+": "ins"}.get(text[:1])
    escaped = html.escape(text)
    return f"<{tag}>{escaped}</{tag}>" if tag else escaped
