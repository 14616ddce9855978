"""Alembic, Flask-Migrate and Django: found, linted as SQL, and run by the project's own code."""

from __future__ import annotations

from contextlib import closing
from importlib.util import find_spec

import pytest

from harness.postgres.database import build_template
from tests.project import Project, output
from tests.sources import BOTH, ENV, TOOLS, made, public, write

UNSAFE = "ALTER TABLE owners ADD COLUMN born date NOT NULL;\n"
FLASK_ENV = """from alembic import context
from flask import current_app

engine = current_app.extensions["engine"]()
if context.is_offline_mode():
    context.configure(url=engine.url, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    with engine.connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
"""
APP = """import os
from flask import Flask
from sqlalchemy import create_engine

def create_app():
    app = Flask(__name__)
    app.extensions["engine"] = lambda: create_engine(os.environ["DATABASE_URL"])
    return app
"""


@pytest.fixture
def empty(tmp_path) -> Project:
    return Project(tmp_path)


@pytest.mark.parametrize("tool", ["alembic", "django"])
def test_what_a_revision_would_do_in_production_is_linted(tool: str, empty: Project):
    pytest.importorskip(tool, reason=f"pip install {tool}")
    more = [*BOTH, (3, UNSAFE, "ALTER TABLE owners DROP COLUMN born;\n")]
    for name, text in TOOLS[tool].files(more).items():
        empty.write(name, text)
    done = empty.run("lint")
    said = output(done)
    assert done.returncode == 1, said
    assert "squawk:adding-required-field" in said
    assert ("m3.py" if tool == "alembic" else "0003_m.py") in said


@pytest.mark.skipif(find_spec("flask") is None, reason="pip install flask-migrate")
@pytest.mark.parametrize("settings", ["[alembic]\n", None])
def test_flask_migrate_has_its_application(settings: str | None, empty: Project):
    files = TOOLS["alembic"].files(BOTH)
    revisions = {name: text for name, text in files.items() if "versions" in name}
    if settings is not None:
        empty.write("migrations/alembic.ini", settings)
    for name, text in {
        **revisions,
        "migrations/env.py": FLASK_ENV,
        "shop/__init__.py": APP,
    }.items():
        empty.write(name, text)
    done = empty.run("apply")
    assert done.returncode == 0, output(done)
    assert "2 migrations applied" in output(done)


@pytest.mark.parametrize(
    ("tool", "place"), [("alembic", "migrations/env.py"), ("django", "settings.py")]
)
def test_what_the_project_imports_and_is_not_installed_is_one_remedy(
    tool: str, place: str, empty: Project
):
    pytest.importorskip(tool, reason=f"pip install {tool}")
    for name, text in TOOLS[tool].files(BOTH).items():
        empty.write(name, text)
    empty.write(place, "import no_such_module\n")
    empty.write("requirements.txt", "")
    done = empty.run("apply")
    assert done.returncode == 2
    assert "pip install -r" in output(done)
    assert "requirements.txt" in output(done)


def test_settings_come_from_the_example_that_is_in_version_control(empty: Project):
    pytest.importorskip("alembic", reason="pip install alembic")
    for name, text in TOOLS["alembic"].files(BOTH).items():
        empty.write(name, text)
    empty.write("migrations/env.py", f"import os\nassert os.environ['APP_KEY'] == 'a b'\n{ENV}")
    assert empty.run("apply").returncode == 2
    empty.write(".env.example", "# example\nAPP_KEY='a b'\nDATABASE_URL=postgresql://prod/x\n")
    done = empty.run("apply")
    assert done.returncode == 0, output(done)


def test_django_s_settings_that_nothing_sets_are_made_up_and_named(empty: Project):
    pytest.importorskip("django", reason="pip install django")
    files = TOOLS["django"].files(BOTH)
    settings = next(name for name in files if name.endswith("settings.py"))
    demand = "import os\nPORT = int(os.environ['POSTGRES_PORT'])\n"
    for name, text in {**files, settings: demand + files[settings]}.items():
        empty.write(name, text)
    done = empty.run("apply")
    assert done.returncode == 0, output(done)
    assert "made up for the run: POSTGRES_PORT" in " ".join(output(done).split())


READY = """import threading, time
from django.apps import AppConfig

class Pets(AppConfig):
    name = "pets"

    def ready(self):
        threading.Thread(target=time.sleep, args=(3600,)).start()
"""


@pytest.mark.parametrize("starts_a_thread", [False, True])
def test_a_project_is_set_up_once_unless_it_has_threads(starts_a_thread: bool, tmp_path, cluster):
    pytest.importorskip("django", reason="pip install django")
    if starts_a_thread:
        write(tmp_path, {"pets/apps.py": READY})
    source = made(tmp_path, TOOLS["django"], BOTH)
    template = build_template(cluster, lambda _: None)
    with closing(template), template.cloned() as database, database.connect() as connection:
        processes = set()
        for one in source.migrations:
            source.upgrade(connection, one)
            processes.update(process._running.pid for process in source._processes)
        assert "pets" in public(connection)
        source.rollback(connection)
        assert public(connection) == []
    assert (len(processes) > 1) is starts_a_thread
