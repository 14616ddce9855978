"""Settings that a project wants and keeps out of version control: those of its example.

A project that reads its settings from the environment has ``.env.example`` in version control and
``.env`` not. What is set nowhere has the example's value.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

_NAMES = (".env.example", ".env.sample", ".env.template", ".env.dist", "env.example", ".env.test")
_LINE = re.compile(r"^\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>.*?)\s*$")


def load() -> None:
    """Set what is not set, from the first example in the directory or one of the two above it.

    Nothing where there is a ``.env``: the project reads that itself.
    """
    for folder in (Path.cwd(), *Path.cwd().parents[:2]):
        if (folder / ".env").is_file():
            return
        for name in _NAMES:
            if (folder / name).is_file():
                _set(folder / name)
                return


def _set(path: Path) -> None:
    for line in path.read_text("utf-8", errors="replace").splitlines():
        found = _LINE.match(line)
        if found and not line.lstrip().startswith("#"):
            value = re.sub(r"\s+#.*$", "", found["value"])
            unquoted = value[1:-1] if len(value) > 1 and value[0] == value[-1] in "\"'" else value
            if not re.match(r"postgres\w*(\+\w+)?://", unquoted):  # that is ours to say
                os.environ.setdefault(found["name"], unquoted)
