"""An instance that begins while the rest of the harness is loaded: what takes long comes first.

The server starts while the orchestrator and psycopg are loaded, and the schema is applied while
the reader of scripts and the runner are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from harness.core.config import Config
from harness.core.errors import HarnessError

if TYPE_CHECKING:
    from harness.instance import Instance
    from harness.postgres.server.process import ServerProcess


class Startup:
    """A server that is starting; none where one was named, or where it cannot."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._server: ServerProcess | None = None
        self._error: HarnessError | None = None

    def __enter__(self) -> Self:
        """Launch it. What goes wrong comes out where the instance is asked for."""
        if not self._config.server:
            from harness.pgtap.library import preload
            from harness.postgres.server.process import launch

            try:
                self._server = launch(self._config, preload(self._config))
            except HarnessError as error:
                self._error = error
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        if self._server is not None:
            self._server.stop()

    @contextmanager
    def instance(self) -> Iterator[Instance]:
        """An instance whose schema is being applied. Raises ConfigError, ServerError."""
        if self._error is not None:
            raise self._error
        from harness.instance import open_instance  # late: it is loaded while the server starts

        with open_instance(self._config, self._server) as instance:
            instance.begin()
            yield instance
