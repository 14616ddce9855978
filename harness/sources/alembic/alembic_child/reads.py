"""Which files of a project are read and imported in this process."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path
from typing import Any

_MACHINE = ("/etc/", "/proc/", "/sys/", "/usr/share/")
_PYTHON = ("stdlib", "platstdlib", "purelib", "platlib")
_INSTALLED = tuple(f"{os.path.realpath(sysconfig.get_path(name))}{os.sep}" for name in _PYTHON)
_opened: dict[str, None] = {}


def watch() -> None:
    """Note every file that is opened for reading from now on."""
    sys.addaudithook(_note)


def files() -> list[str]:
    """The project's own files that were read or imported until now, by their real paths."""
    modules = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    found = {os.path.realpath(path) for path in (*_opened, *filter(None, modules))}
    return sorted(path for path in found if _own(path))


def installed(path: str) -> bool:
    """Whether a file belongs to Python, an installed package or to us."""
    ours = os.path.realpath(Path(__file__).parent)
    return os.path.realpath(path).startswith((*_INSTALLED, ours)) or "-packages/" in path


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "open":
        return
    path, _, flags = arguments
    if isinstance(path, (str, bytes, os.PathLike)) and not flags & (os.O_WRONLY | os.O_RDWR):
        _opened[str(Path(os.fsdecode(path)).absolute())] = None


def _own(path: str) -> bool:
    hidden = Path(path).name.startswith(".") or "__pycache__" in path
    machine = path.startswith(_MACHINE) or installed(path)
    return not hidden and not machine and Path(path).is_file()
