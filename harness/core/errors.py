"""What can go wrong, as one tree.

::

    HarnessError                 the root; never raised itself
    ├── CannotRun                the harness could not do its work    exit code 2
    │   ├── ConfigError          an option, a key or a path is wrong
    │   ├── ScriptError          a script cannot be served            file:line
    │   └── ServerError          no binaries, no server, no answer
    └── SchemaError              what is under test is wrong          exit code 1
        └── MigrationError       a migration failed                   file:line

The message of each is the whole story for the person at the terminal: what is
wrong, where, and what to do about it. It never contains a password.
"""

from __future__ import annotations

from pathlib import Path


class HarnessError(Exception):
    """Anything the harness reports as one clear message instead of a traceback."""

    exit_code = 2


class CannotRun(HarnessError):  # noqa: N818  a statement about the run, not about a value
    """The harness could not do its work; nothing is known about the schema."""


class ConfigError(CannotRun):
    """An option, a configuration key or a path that cannot be used."""


class ServerError(CannotRun):
    """No PostgreSQL binaries, a server that does not start, or one that does not answer."""


class ScriptError(CannotRun):
    """A script that cannot be read or that asks for something not served.

    ``str(error)`` is ``path:line: message``.
    """

    def __init__(self, path: Path | str, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")
        self.path = Path(path)
        self.line = line
        self.message = message


class SchemaError(HarnessError):
    """What is under test is wrong, in a way that stops the run."""

    exit_code = 1
