"""Every module of an extensible package is on its list."""

from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module
from types import ModuleType

import pytest

import harness.lint
import harness.sources

NO_IMPLEMENTATION = (
    "allow",
    "base",
    "age",
    "before",
    "builds",
    "files",
    "old_revisions",
    "outside",
    "finding",
    "folders",
    "ordered",
    "project_process",
    "interpreter",
    "recognition",
    "remedies",
    "request_forks",
    "running",
    "sections",
    "stored_schema",
    "statements",
    "unset_settings",
)
"""The protocols, and what others than the implementations use, too."""


@pytest.mark.parametrize(
    ("package", "registered", "method"),
    [
        (harness.sources, {one.load() for one in harness.sources.SOURCES}, "apply"),
        (harness.lint, set(harness.lint.LINTERS), "lint"),
    ],
)
def test_every_module_is_registered(package: ModuleType, registered: set[type], method: str):
    found = set()
    for info in pkgutil.iter_modules(package.__path__):
        if info.name in NO_IMPLEMENTATION or info.name.startswith("_"):
            continue  # parts that are no implementation by themselves
        module = import_module(f"{package.__name__}.{info.name}")
        classes = [c for _, c in inspect.getmembers(module, inspect.isclass)]
        ours = [
            c for c in classes if c.__module__.startswith(module.__name__) and hasattr(c, method)
        ]
        assert ours, f"{module.__name__} has no class with {method}()"
        found.update(ours)
    assert found == registered


def test_a_source_is_called_as_it_is_registered():
    assert [one.name for one in harness.sources.SOURCES] == [
        one.load().name for one in harness.sources.SOURCES
    ]
