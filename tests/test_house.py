"""The rules of the house that import-linter has no contract for."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from statistics import median

import pytest

HARNESS = Path(__file__).parents[1] / "harness"


def modules() -> Iterator[tuple[str, ast.Module, int]]:
    """Dotted name, tree, and lines of every module."""
    for path in sorted(HARNESS.rglob("*.py")):
        dotted = ".".join(path.relative_to(HARNESS.parent).with_suffix("").parts)
        text = path.read_text("utf-8")
        yield dotted.removesuffix(".__init__"), ast.parse(text), len(text.splitlines())


def imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Module and name of everything that is imported from the harness itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("harness"):
            yield from ((str(node.module), alias.name) for alias in node.names)


def package(dotted: str) -> str:
    """``harness.lint._allow`` -> ``harness.lint``."""
    return dotted.rpartition(".")[0]


def test_nobody_imports_the_private_names_of_another_package():
    broken = []
    for dotted, tree, _ in modules():
        for module, name in imported(tree):
            parts = [*module.split("."), name]
            private = next((i for i, part in enumerate(parts) if part.startswith("_")), None)
            owner = ".".join(parts[:private]) if private is not None else ""
            if owner and not f"{dotted}.".startswith(f"{owner}.") and package(dotted) != owner:
                broken.append(f"{dotted}: {module} {name}")
    assert broken == []


def test_a_module_is_as_long_as_its_idea():
    lengths = [length for dotted, _, length in modules() if length > 15]
    assert 80 <= median(lengths) <= 400


def imports_at_start(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """What a module imports when it is loaded: nothing for types alone, nothing in functions."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            yield from imported(ast.Module([node], []))


def test_no_module_imports_itself_in_a_circle():
    names = {dotted for dotted, _, _ in modules()}
    graph = {
        dotted: {
            f"{module}.{name}" if f"{module}.{name}" in names else module
            for module, name in imports_at_start(tree)
        }
        - {dotted}
        for dotted, tree, _ in modules()
    }
    while leaves := [one for one, below in graph.items() if not below & graph.keys()]:
        for one in leaves:
            del graph[one]
    assert graph == {}


OF_THE_REPOSITORY = {".ci", ".github", ".gitignore"}
ALWAYS = {"LICENSE", "pyproject.toml"}


def test_the_source_distribution_has_what_its_tests_read():
    root = Path(__file__).parents[1]
    listed = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("this is no checkout")
    table = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    included = table["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    tops = {path.split("/")[0] for path in listed.stdout.splitlines()}
    left_out = [
        name for name in tops if not any(fnmatchcase(f"/{name}", pattern) for pattern in included)
    ]
    assert set(left_out) == OF_THE_REPOSITORY | ALWAYS
