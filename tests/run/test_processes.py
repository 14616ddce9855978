"""A part of a run in a process of its own."""

from __future__ import annotations

import os
import signal
import time
from functools import partial
from pathlib import Path
from threading import Lock

import pytest

from harness.core.errors import CannotRun, HarnessError, ScriptError
from harness.core.results import Group
from harness.run.progress import Progress, step
from harness.run.subprocesses import Died, beside


class Heard:
    """A Progress that remembers."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.groups: list[Group] = []
        self.ended: list[str] = []
        self.done = 0

    def begin(self, step: str) -> None:
        self.begun.append(step)

    def expect(self, step: str, total: int, noun: str) -> None:
        pass

    def advance(self, step: str, done: int = 1, doing: str = "") -> None:
        self.done += done

    def take(self, group: Group) -> None:
        self.groups.append(group)

    def end(self, step: str, seconds: float) -> None:
        self.ended.append(step)


def tell(progress: Progress, name: str) -> None:
    with step(progress, name):
        for number in range(100):
            progress.advance(name)
            progress.take(Group(Path(f"{name}{number}"), step=name))


def raise_(error: Exception, progress: Progress) -> None:
    raise error


def kill(progress: Progress) -> None:
    progress.take(Group(Path("before")))
    os.kill(os.getpid(), signal.SIGKILL)


def leave(progress: Progress) -> None:
    os._exit(3)


def last(path: Path, progress: Progress) -> None:
    with step(progress, "lint"):
        try:
            progress.take(Group(Path("begun")))
            time.sleep(60)
        finally:
            time.sleep(0.3)  # what is put away takes time, and a second signal must not end it
            path.write_text("put away")


def test_two_processes_tell_everything_in_their_order():
    heard = Heard()
    with (
        beside(partial(tell, name="lint"), heard) as lint,
        beside(partial(tell, name="properties"), heard) as properties,
    ):
        lint()
        properties()
    assert sorted(heard.begun) == sorted(heard.ended) == ["lint", "properties"]
    assert heard.done == 200
    for name in ("lint", "properties"):
        told = [str(group.path) for group in heard.groups if group.step == name]
        assert told == [f"{name}{number}" for number in range(100)]


class OddError(HarnessError):
    """Cannot travel, whatever has taught pickle to make exceptions again."""

    def __init__(self, one: str, *, two: str) -> None:
        super().__init__(one + two)
        self.lock = Lock()


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (CannotRun("no"), CannotRun, "no"),
        (ScriptError("a.sql", 3, "what"), CannotRun, "a.sql:3: what"),
        (OddError("a", two="b"), CannotRun, "ab"),
        (ZeroDivisionError("x"), ZeroDivisionError, "x"),
    ],
)
def test_what_is_raised_there_comes_out_here(error: Exception, kind: type, said: str):
    with beside(partial(raise_, error), Heard()) as wait, pytest.raises(kind) as raised:
        wait()
    assert str(raised.value) == said
    assert "in raise_" in str(raised.value.__cause__)


@pytest.mark.parametrize(
    ("work", "said"),
    [(kill, "was ended by SIGKILL"), (leave, "ended without an answer, with exit code 3")],
)
def test_a_process_that_is_gone_says_by_what(work, said: str):
    heard = Heard()
    with beside(work, heard) as wait, pytest.raises(Died, match=said):
        wait()
    assert len(heard.groups) == (work is kill)


def test_a_process_that_is_not_waited_for_puts_away_what_it_has(tmp_path: Path):
    heard, path = Heard(), tmp_path / "away"

    def interrupted() -> None:
        with beside(partial(last, path), heard):
            while not heard.groups:
                time.sleep(0.01)
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "put away"
    assert heard.ended == ["lint"]


class Finalized:
    """Python drops what its finalizer raises."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


def last_after_a_finalizer(path: Path, progress: Progress) -> None:
    try:
        Finalized()
        time.sleep(10)
    except KeyboardInterrupt:
        path.write_text("put away")


def test_a_signal_that_comes_into_a_finalizer_there_ends_it_all_the_same(tmp_path: Path):
    path = tmp_path / "away"
    with beside(partial(last_after_a_finalizer, path), Heard()) as wait:
        wait()
    assert path.read_text() == "put away"


def test_two_signals_do_not_cut_that_short(tmp_path: Path):
    """Ctrl-C reaches every process of the terminal, and we end ours besides."""
    heard, path = Heard(), tmp_path / "away"

    def children() -> list[int]:
        listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
        return [int(number) for number in listed.split()]

    before = children()
    with beside(partial(last, path), heard):
        while not heard.groups:
            time.sleep(0.01)
        (ours,) = set(children()) - set(before)
        os.kill(ours, signal.SIGINT)
        time.sleep(0.1)
    assert path.read_text() == "put away"


def test_a_step_there_has_its_errors_as_results():
    heard = Heard()
    with beside(failing, heard) as wait:
        wait()
    (group,) = heard.groups
    assert [(p.title, p.message) for p in group.problems] == [("no", "server")]


def failing(progress: Progress) -> None:
    with step(progress, "lint"):
        raise CannotRun("no\nserver")
