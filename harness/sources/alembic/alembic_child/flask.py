"""Flask-Migrate: its environment wants the application, as ``flask db`` has it."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any

_MODULES = ("wsgi", "app", "main", "run", "manage", "server", "application", "api")


def context_of(env: Path) -> AbstractContextManager[Any]:
    """The application's context where ``env.py`` asks for one, else nothing."""
    if "current_app" not in env.read_text("utf-8", errors="replace"):
        return nullcontext()
    sys.path.insert(0, str(Path.cwd()))
    cli: Any = import_module("flask.cli")
    cli.load_dotenv()
    info = cli.ScriptInfo(app_import_path=os.environ.get("FLASK_APP") or _guessed() or None)
    application: AbstractContextManager[Any] = info.load_app().app_context()
    return application


def _guessed() -> str:
    """A module or package here that makes an application; empty for none."""
    files = [Path(f"{name}.py") for name in _MODULES]
    files += sorted({*Path().glob("*.py"), *Path().glob("*/__init__.py")} - {*files})
    for path in files:
        text = path.read_text("utf-8", errors="replace") if path.is_file() else ""
        if "Flask(" in text or "create_app" in text:
            return path.parent.name or path.stem
    return ""
