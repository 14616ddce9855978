"""pytest-xdist: one server and one template for all workers, built by the controller.

The controller listens on a socket in a private directory and starts the instance when
the first worker asks for it, so that a run in which nobody needs it has none. It ends
with the controller, whatever becomes of the workers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Client, Listener
from typing import Any

import pytest

from harness.core import scratch
from harness.core.config import Config
from harness.core.errors import CannotRun, HarnessError, SchemaError
from harness.instance import Instance, joined

KEY = "harness_instance"
"""Of the socket's path in what pytest-xdist hands to a worker."""

CHECKS_ONLY = "harness_checks_only"


@dataclass(frozen=True, slots=True)
class InstanceServer:
    """The controller's side."""

    address: str

    @classmethod
    @contextmanager
    def serving(cls, opened: Callable[[], Instance]) -> Iterator[InstanceServer]:
        """Answer workers in the background; ``opened`` gives the instance, once it is needed."""
        with scratch.directory("instance-") as folder:
            address = str(folder / "socket")
            with Listener(address) as listener:
                threading.Thread(target=_serve, args=(listener, opened), daemon=True).start()
                yield cls(address)

    def invite(self, node: Any, checks_only: bool) -> None:
        """Tell a worker where we are, and whether SQL files are run by somebody else."""
        node.workerinput[KEY], node.workerinput[CHECKS_ONLY] = self.address, checks_only


def _serve(listener: Listener, opened: Callable[[], Instance]) -> None:
    with suppress(OSError):  # closed at the end of the run
        while True:
            with listener.accept() as connection:
                connection.send(_answer(opened))


def _answer(opened: Callable[[], Instance]) -> Any:
    try:
        return opened().shared
    except HarnessError as error:
        return (error.exit_code, str(error))


@dataclass(frozen=True, slots=True)
class InstanceClient:
    """A worker's side."""

    address: str

    @contextmanager
    def instance(self, config: Config) -> Iterator[Instance]:
        """The instance of all workers. Raises what opening it raised."""
        with Client(self.address) as connection:
            answer = connection.recv()
        if isinstance(answer, tuple):
            code, message = answer
            raise (SchemaError if code == 1 else CannotRun)(message)
        with joined(config, answer) as instance:
            yield instance


def client_of(config: pytest.Config) -> InstanceClient | None:
    """The host that a worker was told of; None where pytest is not a worker."""
    address = getattr(config, "workerinput", {}).get(KEY)
    return InstanceClient(address) if address else None
