"""A run as one page for a browser: no script, no request, light and dark, for paper too.

The verdict comes first, then the steps, what failed with its source and its SQL, the schema as a
picture, who may do what, mutants in the files that declare what they change, and everything else
folded.
"""

from __future__ import annotations

from functools import cache
from typing import TextIO

import jinja2

from harness.core.results import Run
from harness.reports.page.sections import Page


def write(run: Run, stream: TextIO) -> None:
    """Write the page of a run."""
    for part in _template().generate(page=Page(run)):
        stream.write(part.encode("utf-8", "replace").decode())


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("harness.reports.page"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("page.html")
