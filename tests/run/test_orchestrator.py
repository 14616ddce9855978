"""One run of a command: what ends it, and what is left of it then."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.core.config import Config
from harness.core.errors import CannotRun, ConfigError, SchemaError
from harness.core.results import Group, Kind, Location, Outcome, Result
from harness.reports.output import Reports
from harness.run.orchestrator import Orchestrator
from harness.run.progress import Progress, step

Ran = tuple[int | BaseException, list[dict[str, Any]]]


def group(path: Path, outcome: Outcome = Outcome.PASSED, **more: object) -> Group:
    return Group(path, (Result(outcome, "it", Location(path, 1)),), **more)  # type: ignore[arg-type]


def ran(root: Path, body: Callable[[Progress], None], **more: object) -> Ran:
    """The exit code, or what was raised, and the objects of the report."""
    path = root / "out.jsonl"
    made = Orchestrator(Config(root=root), Reports({"json": str(path)}), **more)  # type: ignore[arg-type]
    ended: int | BaseException
    try:
        ended = made.run(body)
    except BaseException as error:
        ended = error
    return ended, [json.loads(line) for line in path.read_text().splitlines()]


def test_the_exit_code_is_that_of_the_results(tmp_path: Path):
    outcomes = {Outcome.PASSED: 0, Outcome.ADVICE: 0, Outcome.FAILED: 1, Outcome.ERROR: 2}
    for outcome, code in outcomes.items():
        ended, objects = ran(tmp_path, lambda p, o=outcome: p.take(group(tmp_path / "a", o)))  # type: ignore[misc]
        assert (ended, objects[0]["outcome"]) == (code, outcome.value)


@pytest.mark.parametrize(
    ("error", "code", "outcome"),
    [(CannotRun("no\nserver"), 2, "error"), (SchemaError("wrong"), 1, "failed")],
)
@pytest.mark.parametrize("inside", [True, False])
def test_an_error_is_a_result_of_the_step(
    tmp_path: Path, error: Exception, code: int, outcome: str, inside: bool
):
    def body(progress: Progress) -> None:
        with step(progress, "apply"):
            progress.take(group(tmp_path / "a", step="apply"))
            if inside:
                raise error
        raise error

    ended, objects = ran(tmp_path, body)
    assert ended == code
    assert {one["step"] for one in objects} == {"apply"}
    assert sum(one["outcome"] == outcome for one in objects) == 1 + inside
    assert "\n" not in objects[0]["title"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_reports_what_it_found(tmp_path: Path, number: signal.Signals):
    def body(progress: Progress) -> None:
        with step(progress, "lint"):
            progress.take(group(tmp_path / "a", kind=Kind.FINDING, step="lint"))
        with step(progress, "apply"), step(progress, "test"):
            progress.take(group(tmp_path / "b"))
            signal.raise_signal(number)

    ended, objects = ran(tmp_path, body, several=True)
    assert isinstance(ended, KeyboardInterrupt)
    assert [(one["step"], one["outcome"], one["title"]) for one in objects] == [
        ("lint", "passed", "it"),
        ("apply", "error", "interrupted"),
        ("migrations", "skipped", "not run"),
        ("properties", "skipped", "not run"),
        ("test", "error", "interrupted"),
        ("test", "passed", "it"),
    ]


def test_an_interruption_that_something_swallows_is_one_all_the_same(tmp_path: Path):
    """pytest does, and says that it could not run."""

    def body(progress: Progress) -> None:
        with step(progress, "test"):
            try:
                signal.raise_signal(signal.SIGINT)
            except KeyboardInterrupt:
                raise ConfigError("pytest could not run") from None

    ended, objects = ran(tmp_path, body)
    assert isinstance(ended, KeyboardInterrupt)
    assert [one["title"] for one in objects] == ["interrupted"]


class Finalized:
    """Python drops what its finalizer raises."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


def test_a_signal_that_comes_into_a_finalizer_interrupts_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    dropped: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", dropped.append)

    def body(progress: Progress) -> None:
        with step(progress, "test"):
            Finalized()
            time.sleep(60)

    ended, objects = ran(tmp_path, body)
    assert isinstance(ended, KeyboardInterrupt)
    assert [one["title"] for one in objects] == ["interrupted"]
    assert dropped == []


def test_a_signal_while_results_are_written_waits_until_they_are(tmp_path: Path):
    class Slow(Reports):
        def write(self, run: object) -> None:
            signal.raise_signal(signal.SIGINT)
            super().write(run)  # type: ignore[arg-type]

    path = tmp_path / "out.jsonl"
    made = Orchestrator(Config(root=tmp_path), Slow({"json": str(path)}))
    with pytest.raises(KeyboardInterrupt):
        made.run(lambda progress: progress.take(group(tmp_path / "a")))
    assert json.loads(path.read_text())["title"] == "it"


def test_a_second_signal_while_results_are_written_ends_it(tmp_path: Path):
    class Endless(Reports):
        def write(self, run: object) -> None:
            while True:
                signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        Orchestrator(Config(root=tmp_path), Endless()).run(lambda progress: None)


def test_signals_are_whose_they_were_afterwards(tmp_path: Path):
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    ran(tmp_path, lambda progress: None)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


@pytest.mark.parametrize("fault", [ZeroDivisionError("odd"), SystemExit("odd")])
def test_a_fault_is_raised_when_what_was_found_is_written(tmp_path: Path, fault: BaseException):
    def body(progress: Progress) -> None:
        with step(progress, "properties"):
            progress.take(group(tmp_path / "a", step="properties", kind=Kind.PROPERTY))
            raise fault

    ended, objects = ran(tmp_path, body)
    assert ended is fault
    assert [(one["step"], one["id"]) for one in objects] == [
        ("properties", "harness:fault"),
        ("properties", "a::it"),
    ]
    assert objects[0]["outcome"] == "error"
    assert objects[0]["title"] == f"{type(fault).__name__}: odd"


def test_what_goes_wrong_when_things_are_put_away_is_not_lost(tmp_path: Path):
    def after() -> None:
        raise ZeroDivisionError

    made = Orchestrator(Config(root=tmp_path), Reports())
    with pytest.raises(ZeroDivisionError):
        made.run(lambda progress: progress.take(group(tmp_path / "a")), after)


def test_a_reader_that_has_gone_ends_the_run_but_not_its_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    reading, writing = os.pipe()
    os.close(reading)

    def body(progress: Progress) -> None:
        with step(progress, "test"):
            progress.take(group(tmp_path / "a"))
            progress.take(group(tmp_path / "b"))

    with os.fdopen(writing, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        ended, objects = ran(tmp_path, body)
        monkeypatch.undo()
    assert isinstance(ended, BrokenPipeError)
    assert [one["title"] for one in objects] == ["the output cannot be written", "it"]


def test_the_order_is_that_of_names_whatever_was_first(tmp_path: Path):
    groups = [
        *(group(tmp_path / f"{n}.sql") for n in range(5)),
        *(group(tmp_path / f"test_{n}.py", kind=Kind.CHECK) for n in range(3)),
        *(group(tmp_path / f"{n}.sql", kind=Kind.FINDING, step="lint") for n in range(3)),
    ]

    def body(progress: Progress) -> None:
        mixed = random.sample(groups, len(groups))
        threads = [threading.Thread(target=progress.take, args=(one,)) for one in mixed]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    found = [ran(tmp_path, body)[1] for _ in range(3)]
    assert found[0] == found[1] == found[2]
    assert [one["file"] for one in found[0]][:4] == ["0.sql", "1.sql", "2.sql", "0.sql"]


def test_revisions_stay_in_the_order_that_they_are_applied_in(tmp_path: Path):
    def body(progress: Progress) -> None:
        for name in ("z", "a", "m"):
            progress.take(group(tmp_path / name, kind=Kind.REVISION, step="migrations", name=name))

    assert [one["file"] for one in ran(tmp_path, body)[1]] == ["z", "a", "m"]


def test_strict_and_ids_say_what_of_the_undecided_fails(tmp_path: Path):
    path = tmp_path / "a"
    results = (
        Result(Outcome.ADVICE, "hint", Location(path, 1), id="squawk:prefer-x"),
        Result(Outcome.UNDECIDED, "t::k::index", Location(path, 2), reason="r", id="t::k::index"),
        Result(Outcome.SKIPPED, "later", Location(path, 3), reason="s", id="t::k::skipped"),
    )

    def outcomes(**settings: object) -> tuple[object, list[str]]:
        out = tmp_path / "out.jsonl"
        config = Config(root=tmp_path, **settings)  # type: ignore[arg-type]
        made = Orchestrator(config, Reports({"json": str(out)}))
        code = made.run(lambda progress: progress.take(Group(path, results)))
        return code, [json.loads(line)["outcome"] for line in out.read_text().splitlines()]

    assert outcomes() == (0, ["advice", "undecided", "skipped"])
    assert outcomes(strict=True) == (1, ["failed", "failed", "skipped"])
    assert outcomes(fail_on=("index",)) == (1, ["advice", "failed", "skipped"])
    assert outcomes(fail_on=("squawk:*",)) == (1, ["failed", "undecided", "skipped"])
    assert outcomes(fail_on=("nothing",)) == (0, ["advice", "undecided", "skipped"])
