"""Requests that a fork answers: a line of JSON in, a line of JSON out.

It runs in a process of the project's own Python, which loads it by its path: it imports none of
ours. What takes long to load is loaded once, and what a project leaves behind (modules, engines,
settings) ends with the request. Whatever the project prints goes to standard error. The end of the
input ends the process, in the middle of a request too.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from collections.abc import Callable
from typing import Any, TextIO

Answer = Callable[[dict[str, Any]], dict[str, Any]]


def answers_of_process() -> TextIO:
    """Where the answers go, which is standard output; what is printed goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def answer_in_fork(line: str, answer: Answer, answers: TextIO) -> None:
    """Have a fork answer the request; say how it ended where it did so without an answer."""
    ended, alive = os.pipe()
    child = os.fork()
    if child == 0:
        without_input()
        found = answer(json.loads(line))
        sys.stdout.flush()
        sys.stderr.flush()
        write(answers, found)
        os._exit(0)  # without the clean-up that is the first process'
    os.close(alive)
    if status := _wait(child, ended):  # os._exit, a crash
        write(answers, {"ended": os.waitstatus_to_exitcode(status)})


def write(answers: TextIO, answer: dict[str, Any]) -> None:
    """Send one answer."""
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def without_input() -> None:
    """The requests are not for the project to read."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  a descriptor


def _wait(child: int, ended: int) -> int:
    """The status of a fork when it ends, which closes its end of a pipe; kill it if nobody asks."""
    poll = select.poll()
    poll.register(0, 0)  # that it is closed; another request is not expected
    poll.register(ended)
    if 0 in (descriptor for descriptor, _ in poll.poll()):
        os.kill(child, signal.SIGKILL)
    os.close(ended)
    return os.waitpid(child, 0)[1]
