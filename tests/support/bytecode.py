"""Bytecode of what many processes load: made once, where the environment says not to write any.

With ``PYTHONDONTWRITEBYTECODE``, as containers have it, every process compiles all of the harness
anew, and every pytest rewrites the assertions of all plugins anew: most of a process' time. So
pytest's own processes write it, beside the sources, as Python does; those that tests start read it.
"""

from __future__ import annotations

import compileall
import os
import sys
from pathlib import Path

import harness

NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
_WITHHELD = "TESTS_WITHOUT_BYTECODE"
"""What the variable is called for a worker of pytest-xdist, which writes while it loads plugins."""


def write_bytecode() -> None:
    """Have this process write bytecode, and its workers; other children do as they were told."""
    if withheld := os.environ.pop(_WITHHELD, None):
        os.environ[NO_BYTECODE] = withheld
    elif sys.dont_write_bytecode:
        sys.dont_write_bytecode = False
        compileall.compile_dir(Path(harness.__file__).parent, quiet=2)


def begin_workers() -> None:
    """What is started from now on is a worker."""
    if given := os.environ.pop(NO_BYTECODE, None):
        os.environ[_WITHHELD] = given
