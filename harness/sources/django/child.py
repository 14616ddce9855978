"""The part that runs in a process of its own, with the project's Django; it imports none of ours.

The project is set up once, by the first request; each request is answered in a fork. The default
database of the settings is replaced by the one that is given, so that nothing else can be reached.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
import traceback
from contextlib import suppress
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

ENGINE = "django.db.backends.postgresql"
_SETTINGS = re.compile(r"""DJANGO_SETTINGS_MODULE["']\s*,\s*["']([\w.]+)["']""")
_EXAMPLES = (".env.example", ".env.sample", ".env.template", ".env.dist", "env.example")
_made_up: dict[str, str] = {}
"""Settings that the project demands and nothing gives, and the values that they got."""
_LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$")


def main() -> None:
    """Answer until the input ends; one request only, where a project cannot be forked."""
    own = os.path.realpath(Path(__file__).parent)
    sys.path[:] = [path for path in sys.path if os.path.realpath(path) != own]
    forks = _beside("request_forks")
    answers = forks.answers_of_process()
    is_open = False
    for line in sys.stdin:
        if not is_open:
            request = json.loads(line)
            failure = _opened(request)
            if failure or not _can_fork():
                forks.write(answers, {**(failure or _answered(request)), "last": True})
                os._exit(0)  # what the project has started may go on for ever
            is_open = True
        forks.answer_in_fork(line, _answered, answers)


def _beside(name: str) -> Any:
    """A module of the directory of the sources, by its path: no package of ours is known here."""
    spec = spec_from_file_location(name, Path(__file__).parents[1] / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _opened(request: dict[str, Any]) -> dict[str, Any] | None:
    """Set the project up, and load its migrations; why it failed, if it did."""
    try:
        _open(request)
    except BaseException as error:  # SystemExit as well: settings may call sys.exit
        return {"failure": _described(error, request)}
    from django.db.migrations.loader import MigrationLoader

    with suppress(Exception):  # which is said by the request that needs it
        MigrationLoader(None, ignore_no_initial=True)
    return None


def _can_fork() -> bool:
    """Whether a fork has all that the project has: no thread that works, no connection."""
    from django.db import connections

    connections.close_all()
    return threading.active_count() == 1


def _answered(request: dict[str, Any]) -> dict[str, Any]:
    from django.db import connections

    try:
        connections.databases["default"].update(request["server"])
        return {**_answer(request), "made_up": sorted(_made_up)}
    except BaseException as error:
        return {"failure": _described(error, request)}


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    connection = connections["default"]
    executor = MigrationExecutor(connection)
    if conflicts := executor.loader.detect_conflicts():
        raise RuntimeError(
            f"conflicting migrations, which 'makemigrations --merge' joins: {conflicts}"
        )
    plan = [key for key, _ in _plan(executor)]
    if request["do"] == "survey":
        return {"migrations": [_surveyed(executor, connection, key) for key in plan]}
    if request["names"] is None:
        return _everything(executor, plan, request["do"])
    for key in [one for one in plan if ".".join(one) in request["names"]]:
        _one(executor, key, backwards=request["do"] == "downgrade")
        executor.loader.build_graph()
    return {"done": request["names"]}


def _open(request: dict[str, Any]) -> None:
    """Set the project up with our database as its only one."""
    folder = Path(request["script"]).parent
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    _examples(folder)
    os.environ.setdefault("DATABASE_URL", request["url"])
    os.environ.setdefault("SECRET_KEY", "harness")
    os.environ.setdefault("DJANGO_SECRET_KEY", "harness")
    if not os.environ.get("DJANGO_SETTINGS_MODULE"):
        found = _SETTINGS.search(Path(request["script"]).read_text("utf-8", errors="replace"))
        if found is None:
            raise RuntimeError("manage.py names no settings; set DJANGO_SETTINGS_MODULE")
        os.environ["DJANGO_SETTINGS_MODULE"] = found[1]
    from django.conf import settings

    _beside("unset_settings").with_made_up(
        lambda: settings.DATABASES, lambda: True, os.environ, request["url"], _made_up
    )
    ours = {**request["server"], "ENGINE": _engine(settings)}
    settings.DATABASES = {"default": ours}
    settings.DATABASE_ROUTERS = []
    import django

    django.setup()


def _engine(settings: Any) -> str:
    """The project's own engine where it is PostgreSQL's, PostGIS's for one."""
    named = str(settings.DATABASES.get("default", {}).get("ENGINE", ""))
    return named if "postg" in named.rpartition(".")[2] and "psycopg2" not in named else ENGINE


def _examples(folder: Path) -> None:
    """What is set nowhere, as the project's example has it; nothing where there is a ``.env``."""
    for place in (folder, folder.parent):
        if (place / ".env").is_file():
            return
        for name in _EXAMPLES:
            if (place / name).is_file():
                for line in (place / name).read_text("utf-8", errors="replace").splitlines():
                    if (found := _LINE.match(line)) and not found[2].startswith("postgres"):
                        os.environ.setdefault(found[1], found[2].strip("\"'"))
                return


def _plan(executor: Any) -> list[Any]:
    """All migrations, each behind those that it builds on."""
    fresh = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    return [((migration.app_label, migration.name), migration) for migration, _ in fresh]


def _surveyed(executor: Any, connection: Any, key: tuple[str, str]) -> dict[str, Any]:
    migration = executor.loader.graph.nodes[key]
    module = sys.modules[type(migration).__module__]
    text = ""
    with suppress(Exception):  # sqlmigrate cannot write everything
        state = executor.loader.project_state((key,), at_end=False)
        with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
            migration.apply(state, editor, collect_sql=True)
            text = "\n".join(editor.collected_sql)
    return {
        "name": ".".join(key),
        "path": os.path.realpath(str(module.__file__)),
        "reversible": all(operation.reversible for operation in migration.operations),
        "sql": text,
        "own": not re.search(
            r"[/\\](?:site|dist)-packages[/\\]", os.path.realpath(str(module.__file__))
        ),
    }


def _everything(executor: Any, plan: list[tuple[str, str]], do: str) -> dict[str, Any]:
    from django.core.management import call_command

    if do == "upgrade":
        call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
        return {"done": [".".join(key) for key in plan]}
    done = []
    for key in reversed(plan):
        _one(executor, key, backwards=True)
        executor.loader.build_graph()
        done.append(".".join(key))
    return {"done": done}


def _one(executor: Any, key: tuple[str, str], backwards: bool) -> None:
    """Apply or undo one migration, from the state that those before it leave."""
    executor.loader.check_consistent_history(executor.connection)
    executor.recorder.ensure_schema()
    migration = executor.loader.graph.nodes[key]
    state = executor.loader.project_state((key,), at_end=False)
    _ = state.apps  # rendered once, as the command does it
    if backwards:
        executor.unapply_migration(state, migration)
    else:
        executor.apply_migration(state, migration)


def _described(error: BaseException, request: dict[str, Any]) -> dict[str, Any]:
    """Where it was raised, and what the server said."""
    frames = [(f.f_code.co_filename, line) for f, line in traceback.walk_tb(error.__traceback__)]
    own = [
        (name, line) for name, line in frames if "site-packages" not in name and name != __file__
    ]
    place = own[-1] if own else (request["script"], 1)
    cause = error.__cause__ or error
    diag = getattr(cause, "diag", None)
    said = {
        "message": getattr(diag, "message_primary", None) or f"{type(error).__name__}: {error}",
        "sqlstate": getattr(diag, "sqlstate", None) or "",
        "detail": getattr(diag, "message_detail", None) or "",
        "hint": getattr(diag, "message_hint", None) or "",
        "context": getattr(diag, "context", None) or "",
    }
    where = {"path": place[0], "line": place[1], "made_up": sorted(_made_up)}
    return {"server": diag is not None, "said": said, **where}


if __name__ == "__main__":
    main()
