"""Draw the picture at the top of the README: what the gate says of the schema in ``example``.

    python docs/pictures/draw.py

Needs Rich, which is in the development dependencies.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

HERE = Path(__file__).parent
WIDTH = 84


def main() -> None:
    """Run the gate on a copy of the example and write what it prints as SVG."""
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    console.print(Text.from_ansi(f"$ harness gate\n{said()}"), soft_wrap=False)
    svg = console.export_svg(title="a schema with faults", unique_id="gate")
    # Some who draw it drop the spaces that a line begins with.
    svg = svg.replace("<svg ", '<svg xml:space="preserve" ', 1)
    (HERE / "gate.svg").write_text(svg, encoding="utf-8")


def said() -> str:
    """The output of the gate, in colours."""
    with tempfile.TemporaryDirectory() as name:
        copy = shutil.copytree(HERE / "example", Path(name) / "example")
        command = [sys.executable, "-m", "harness.cli", "gate"]
        environment = {**os.environ, "FORCE_COLOR": "1"}
        done = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, text=True, check=False
        )
    return done.stdout + done.stderr


if __name__ == "__main__":
    main()
