"""Draw what the gate says of the schema in ``example``: in the terminal, and as a page.

    python -m docs.pictures.draw

Needs Rich and Playwright, which are in the development dependencies, and the browser that
``python -m tests.support.browser`` fetches.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import ViewportSize
from rich.console import Console
from rich.text import Text

from tests.support import browser

HERE = Path(__file__).parent
WIDTH = 84
PAGE = ViewportSize(width=1000, height=900)
"""How much of the page is shown."""


def main() -> None:
    """Run the gate on a copy of the example; write what it prints as SVG, and its page as PNG."""
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    text = said(HERE / "page.png")
    console.print(Text.from_ansi(f"$ harness gate\n{text}"), soft_wrap=False)
    svg = console.export_svg(title="a schema with faults", unique_id="gate")
    # Some who draw it drop the spaces that a line begins with.
    svg = svg.replace("<svg ", '<svg xml:space="preserve" ', 1)
    (HERE / "gate.svg").write_text(svg, encoding="utf-8")


def said(picture: Path | None = None) -> str:
    """The output of the gate, in colours; the start of its page is pictured in a file."""
    with tempfile.TemporaryDirectory() as name:
        copy = shutil.copytree(HERE / "example", Path(name) / "example")
        command = [sys.executable, "-m", "harness.cli", "gate", "--html", "page.html"]
        environment = {**os.environ, "FORCE_COLOR": "1"}
        done = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, text=True, check=False
        )
        if picture is not None:
            photograph(copy / "page.html", picture)
    return done.stdout + done.stderr


def photograph(page: Path, picture: Path) -> None:
    """The start of a page, as a browser shows it."""
    with browser.opened() as opened:
        shown = opened.new_page(viewport=PAGE)
        shown.goto(page.as_uri())
        shown.screenshot(path=picture)


if __name__ == "__main__":
    main()
