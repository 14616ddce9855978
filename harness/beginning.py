"""An instance that begins while the rest of the harness is loaded: what takes long comes first.

The server starts while psycopg is loaded, and the schema is applied while the reader of scripts,
the runner and the reports are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from harness.config import Config


@contextmanager
def begun(config: Config) -> Iterator[Any]:
    """An Instance whose schema is being applied. Raises ConfigError, ServerError."""
    with _starting(config) as server:
        from harness.instance import open_instance  # late: it is loaded while the server starts

        with open_instance(config, server) as instance:
            instance.begin()
            yield instance


@contextmanager
def _starting(config: Config) -> Iterator[Any]:
    """A server that starts; None for a named one."""
    if config.server:
        yield None
        return
    from harness.assertions.library import preload
    from harness.server.process import launch

    server = launch(config, preload(config))
    try:
        yield server
    finally:
        server.stop()
