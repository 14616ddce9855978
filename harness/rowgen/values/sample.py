"""A number of values of a strategy, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import HypothesisException
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")


def sample(strategy: SearchStrategy[T], count: int, at: int = 0) -> list[T]:
    """At most ``count`` different values, the simplest first; fewer where there are fewer."""
    found: list[T] = []
    draw = _run(found.append, strategy, count, at)
    try:
        draw()
    except HypothesisException:
        # A strategy that nothing satisfies, such as a regular expression beyond an alphabet.
        return list(dict.fromkeys(found))
    return list(dict.fromkeys(found))


def _run(
    take: Callable[[T], None], strategy: SearchStrategy[T], count: int, at: int
) -> Callable[[], None]:
    @seed(at)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(value: T) -> None:
        take(value)

    return draw
