"""A campaign on the workers of dask.distributed: recording table by table, mutants in batches.

Each worker starts a server with the template once, and keeps it until the campaign ends or another
one begins. Tasks have nothing but values: properties, transcripts, mutants, verdicts. What a worker
did that died is done again by another one, with the same answers: transcripts are the result of a
task, and every worker replays all of them.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from threading import Lock
from typing import Any, NamedTuple

from harness.core.config import Config
from harness.core.digests import program
from harness.core.errors import CannotRun, ConfigError
from harness.instance import open_instance
from harness.mutation.history import History
from harness.mutation.mutant import Mutant
from harness.mutation.mutation_campaign import MutationCampaign
from harness.mutation.transcripts import Transcript
from harness.mutation.verdict import Verdict
from harness.properties.base import Property
from harness.run.mutation_campaign import Recording, mutation_campaign, take_tests
from harness.run.since import declared_of

BATCH = 10
"""Mutants of a task: a tenth of a second, against a millisecond that the scheduler needs."""
PATIENCE = 30.0
"""Seconds until a worker has to be there."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a worker has to know of a campaign."""

    config: Config
    role: str
    name: str
    writes: bool
    """Whether tests are written for gaps."""


# --- on a worker ---------------------------------------------------------------------------


class _Site:
    """A worker's server, template and campaign; one at a time, for the campaign that asked last."""

    _lock = Lock()
    _current: _Site | None = None

    def __init__(self, order: Order) -> None:
        self.order, self._stack = order, ExitStack()
        try:
            instance = self._stack.enter_context(open_instance(order.config))
            instance.prepare()
            history = History.nothing()
            campaign = mutation_campaign(instance, declared_of(instance), history, 1, order.role)
            self.campaign = self._stack.enter_context(campaign)
            take_tests(self.campaign)  # what fails is said by who asks
        except BaseException:
            self._stack.close()
            raise

    @classmethod
    def of(cls, order: Order) -> MutationCampaign:
        """The campaign of a campaign on this worker."""
        with cls._lock:
            if cls._current is None or cls._current.order != order:
                cls._close()
                cls._current = cls(order)
            return cls._current.campaign

    @classmethod
    def end(cls) -> None:
        """Stop the server."""
        with cls._lock:
            cls._close()

    @classmethod
    def _close(cls) -> None:
        if cls._current is not None:
            cls._current._stack.close()
            cls._current = None


class _Recorded(NamedTuple):
    """What a task recorded, and which properties crashed in it, with the traceback."""

    transcripts: list[Transcript]
    crashed: dict[Property, str]


def _recorded(order: Order, properties: Sequence[Property]) -> _Recorded:
    campaign = _Site.of(order)
    transcripts = Recording(campaign).transcripts(properties)
    wanted = {*properties}
    crashed = {prop: why for prop, why in campaign.crashed.items() if prop in wanted}
    return _Recorded(transcripts, crashed)


def _together(parts: Sequence[_Recorded]) -> list[Transcript]:
    return [transcript for part in parts for transcript in part.transcripts]


def _crashed(parts: Sequence[_Recorded]) -> dict[Property, str]:
    return {prop: why for part in parts for prop, why in part.crashed.items()}


def _judged(
    order: Order, transcripts: Sequence[Transcript], mutants: Sequence[Mutant]
) -> list[Verdict]:
    campaign = _Site.of(order)
    if not campaign.replay.transcripts:  # the same ones in every task
        campaign.replay.transcripts = transcripts
    found = list(map(campaign.verdict, mutants))
    return campaign.with_tests(found) if order.writes else found


def _program() -> str:
    return program()


def _end() -> None:
    _Site.end()


# --- on the machine of who asks ------------------------------------------------------------


@dataclass
class Workers:
    """The workers of a scheduler, for one campaign."""

    client: Any
    order: Order

    def record(self, properties: Sequence[Property]) -> tuple[Any, dict[Property, str]]:
        """Have transcripts recorded; what stands for them, what crashed. Raises CannotRun."""
        tables = [list(some) for _, some in groupby(properties, lambda prop: prop.table)]
        tables.sort(key=len, reverse=True)  # the longest first, so that none is begun last
        parts = [self._submit(_recorded, self.order, some) for some in tables]
        crashed: dict[Property, str] = self._result(self._submit(_crashed, parts))
        return self._submit(_together, parts), crashed

    def verdicts(self, transcripts: Any, mutants: Sequence[Mutant]) -> Generator[Verdict]:
        """The verdict on each mutant, in their order. Raises CannotRun."""
        batches = [mutants[at : at + BATCH] for at in range(0, len(mutants), BATCH)]
        tasks = [self._submit(_judged, self.order, transcripts, batch) for batch in batches]
        for task in tasks:
            yield from self._result(task)

    def _submit(self, work: Any, *arguments: Any) -> Any:
        return self.client.submit(work, *arguments, pure=False)

    def _result(self, task: Any) -> Any:
        from distributed import CancelledError, KilledWorker

        try:
            return task.result()
        except KilledWorker as error:
            raise CannotRun(f"scheduler: {error}") from None
        except (CancelledError, OSError) as error:
            said = f"scheduler: the connection to {self.client.scheduler.address} is gone"
            raise CannotRun(f"{said}: {error}") from None


@contextmanager
def workers(address: str, config: Config, writes: bool = False) -> Iterator[Workers]:
    """The workers of a scheduler. Raises ConfigError where there are none that fit."""
    try:
        from distributed import Client
    except ImportError:
        said = "scheduler: dask.distributed is not installed"
        raise ConfigError(f"{said}: pip install 'pgtap-harness[distributed]'") from None
    if config.server:
        raise ConfigError("scheduler: each worker starts a server of its own; leave --server out")
    try:
        connect: Any = Client  # which has no types
        client = connect(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        said = f"scheduler: nobody answers at {address}"
        raise ConfigError(f"{said} ({error}); start one with 'dask scheduler'") from None
    name = secrets.token_hex(4)
    here = replace(config, jobs=1)
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            said = f"scheduler: {address} has no workers"
            raise ConfigError(f"{said}; start some with 'dask worker {address}'") from None
        _refuse_others(client.run(_program))
        try:
            role = f"harness_public_{os.getpid()}_{name}"
            yield Workers(client, Order(here, role, name, writes))
        finally:
            client.run(_end, on_error="ignore")


def _refuse_others(programs: dict[str, str]) -> None:
    """Raise ConfigError for a worker with another version of the harness."""
    others = [worker for worker, found in programs.items() if found != program()]
    if others:
        said = f"scheduler: the worker {others[0]} has another version of the harness"
        raise ConfigError(f"{said}; every machine needs the same")
