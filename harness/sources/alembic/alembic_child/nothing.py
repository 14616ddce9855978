"""What stands for a connection where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

ENOUGH = 1000
"""Calls that a revision may make of it: one that waits for an answer waits for ever."""


class CalledTooOften(BaseException):
    """It was called too often."""


class Nothing:
    """Every attribute, call and item of it is itself; it is false, empty, zero."""

    def __init__(self) -> None:
        self._calls = 0

    @property
    def asked(self) -> bool:
        """Whether anything was asked of it, so that what came of it may be wrong."""
        return self._calls > 0

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: Any, **__: Any) -> Any:
        """Itself; CalledTooOften where that was asked for too often."""
        self._calls += 1
        if self._calls > ENOUGH:
            raise CalledTooOften
        return self

    def __getitem__(self, _: Any) -> Any:
        return self()

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __len__(self) -> int:
        return 0

    def __int__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return other is self or other == 0

    def __lt__(self, other: Any) -> bool:
        return bool(other > 0)

    __hash__ = object.__hash__
