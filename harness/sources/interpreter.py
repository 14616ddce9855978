"""Which Python runs a project's own code, and how to have what it imports."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

_ENVIRONMENTS = (".venv", "venv", "env", ".env", "virtualenv")


def interpreter(places: Iterable[Path], package: str) -> str | None:
    """The Python of a project that has a package: of its virtual environment, else ours.

    None where neither has it.
    """
    for environment in _environments(places):
        python = environment / "bin" / "python"
        packages = environment.glob(f"lib/python*/site-packages/{package}")
        if python.is_file() and any(packages):
            return str(python)
    return sys.executable if find_spec(package) is not None else None


def _environments(places: Iterable[Path]) -> Iterator[Path]:
    for place in places:
        yield from (
            place / name for name in _ENVIRONMENTS if (place / name / "pyvenv.cfg").exists()
        )
    named = os.environ.get("VIRTUAL_ENV")
    if named:
        yield Path(named)


_PACKAGES = {
    "PIL": "Pillow",
    "bs4": "beautifulsoup4",
    "decouple": "python-decouple",
    "dotenv": "python-dotenv",
    "environ": "django-environ",
    "geoalchemy2": "GeoAlchemy2",
    "jose": "python-jose",
    "jwt": "PyJWT",
    "psycopg2": "psycopg2-binary",
    "rest_framework": "djangorestframework",
    "yaml": "PyYAML",
}
"""What is imported -> the package that has it, where that is called otherwise."""


def package_of(message: str) -> str:
    """The package that is missing, by the message of a ModuleNotFoundError; else PACKAGE."""
    found = re.search(r"No module named '(\w+)", message)
    return _PACKAGES.get(found[1], found[1].replace("_", "-")) if found else "PACKAGE"


def requirements(places: Iterable[Path], package: str = "PACKAGE") -> str:
    """The command that installs what a project imports, beside the harness."""
    pip = f"{sys.executable} -m pip install"
    for place in places:
        for name in ("requirements.txt", "requirements/base.txt", "requirements/dev.txt"):
            if (place / name).is_file():
                return f"install what the project imports: {pip} -r {place / name}"
        if (place / "pyproject.toml").is_file() or (place / "setup.py").is_file():
            return f"install what the project imports: {pip} -e {place}"
    return f"install what the project imports: {pip} {package}"


def made_up(settings: Iterable[str]) -> str:
    """What is said of settings of a project that got a value for the run."""
    return (
        "the project's settings demand what nothing sets, so it was made up for the run:"
        f" {', '.join(sorted(settings))}; .env.example or the environment can set it"
    )
