"""What sqlfluff would be configured by, without loading sqlfluff.

It reads these files in the user's directories and in every directory between them, the
working directory and the file. All ancestors of the file are taken here, which are at least
those: a change in one more is at worst a look too many.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import platformdirs

_NAMES = ("setup.cfg", "tox.ini", "pep8.ini", ".sqlfluff", "pyproject.toml")
# With these it reads still more: macros, libraries, a dbt project, a context of Python's.
_ELSEWHERE = re.compile(
    rb"load_macros_from_path|loader_search_path|library_path|^[ \t]*templater[ \t]*=[ \t]*\W*dbt",
    re.MULTILINE,
)


@cache
def settings_of(folder: Path) -> str | None:
    """A digest of all settings for the files of a directory; None where they lead elsewhere.

    It is the same for a checkout at another place: places count as seen from the directory.
    """
    digest = hashlib.sha256(os.path.relpath(Path.cwd(), folder).encode())
    for name, path in _candidates(folder):
        content = path.read_bytes() if path.is_file() else None
        if content is not None:
            if b"sqlfluff" in content and _ELSEWHERE.search(content):
                return None
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _candidates(folder: Path) -> Iterator[tuple[str, Path]]:
    """Each file that may be there, and what it is called wherever the checkout is."""
    for home in ("~/.config/sqlfluff", platformdirs.user_config_dir("sqlfluff"), "~"):
        for name in _NAMES:
            yield f"{home}/{name}", Path(home).expanduser() / name
    for above, place in enumerate((folder, *folder.parents)):
        for name in _NAMES:
            yield f"{above}/{name}", place / name
