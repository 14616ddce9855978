"""Settings: every form that is accepted, every mistake, and no value in any message."""

from __future__ import annotations

import logging
import re
import socket
import subprocess
import time
import traceback
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from todo import DatabaseSettings, Settings, SettingsError, create_engine, endpoints
from todo.database import connect_arguments

from tests.backend import BACKEND, ROOT, run

SECRET = "s3cret-" * 6
URL = "postgresql://ada:pa55%40word@db.example.com:5433/todo?sslmode=require"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current directory, and an environment without settings."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "BETTER_AUTH_SECRET"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch):
    def put(url: str = URL, secret: str = SECRET) -> None:
        monkeypatch.setenv("DATABASE_URL", url)
        monkeypatch.setenv("BETTER_AUTH_SECRET", secret)

    return put


# --- read -----------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_scheme_means_psycopg_3(setting, scheme: str):
    setting(URL.replace("postgresql", scheme))
    url = Settings().url
    assert url.drivername == "postgresql+psycopg"
    assert (url.username, url.password, url.host) == ("ada", "pa55@word", "db.example.com")
    assert (url.port, url.database, url.query) == (5433, "todo", {"sslmode": "require"})


def test_the_file_is_read_and_the_environment_wins(folder: Path, monkeypatch):
    (folder / ".env").write_text(f'DATABASE_URL="{URL}"\nBETTER_AUTH_SECRET={SECRET}\nPORT=1\n')
    assert Settings().url.host == "db.example.com"
    assert Settings().better_auth_secret.get_secret_value() == SECRET
    monkeypatch.setenv("DATABASE_URL", URL.replace("db.", "other."))
    assert Settings().url.host == "other.example.com"


def test_migrations_need_no_secret(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", URL)
    assert DatabaseSettings().direct_url == DatabaseSettings().url


@pytest.mark.parametrize(
    ("given", "host", "database"),
    [
        ("postgresql:///todo", None, "todo"),
        ("postgresql://u@/todo?host=/run/x&port=5432", None, "todo"),
        ("postgresql://u@/todo?host=db.example.com", "db.example.com", "todo"),
        ("postgresql://u:p@[::1]:5432/todo", "::1", "todo"),
        ("postgresql://u:p@10.0.0.1/to%2Fdo", "10.0.0.1", None),
        (f"  {URL}\n", "db.example.com", "todo"),
    ],
)
def test_forms_of_a_url(given: str, host: str | None, database: str | None):
    url = endpoints.parse(given)
    assert url.host == host
    assert url.database == (database or url.database)


# --- mistakes -------------------------------------------------------------------------------

MALFORMED = [
    ("s3cret", "must begin with postgres://"),
    ("mysql://u:s3cret@h/x", "must begin with postgres://"),
    ("postgresql+asyncpg://u:s3cret@h/x", "must begin with postgres://"),
    ("psql 'postgresql://u:s3cret@h/x'", "must begin with postgres://"),
    ("postgresql://u:s3cret@h:port/x", "is not of the form"),
    ("postgresql://u:s3@cret@h/x", "is not of the form"),
    ("postgresql://u:s3cret@h", "names no database"),
    ("postgresql://u:s3cret@h/", "names no database"),
    ("postgresql://u:s3cret@h/?sslmode=require", "names no database"),
    ("postgresql://", "names no database"),
    ("postgresql://u:s3cret@h o/x", "is not of the form"),
]


@pytest.mark.parametrize(("url", "message"), MALFORMED)
def test_a_malformed_url_is_explained_and_not_shown(setting, url: str, message: str):
    setting(url)
    with pytest.raises(SettingsError, match=f"^DATABASE_URL {re.escape(message)}") as caught:
        Settings()
    assert_silent(caught.value)


def test_all_that_is_missing_is_named_with_the_place_to_put_it(folder: Path):
    with pytest.raises(SettingsError) as caught:
        Settings()
    lines = str(caught.value).splitlines()
    assert [line.split()[0] for line in lines] == ["DATABASE_URL", "BETTER_AUTH_SECRET"]
    assert all(str(folder / ".env") in line and ".env.example" in line for line in lines)


def test_what_is_empty_is_missing(setting):
    setting("", "")
    with pytest.raises(SettingsError, match="DATABASE_URL is not set"):
        Settings()


def test_a_short_secret_is_refused_with_the_command_that_makes_one(setting):
    setting(secret="s3cret")
    with pytest.raises(SettingsError, match=r"^BETTER_AUTH_SECRET .*openssl rand") as caught:
        Settings()
    assert_silent(caught.value)


def assert_silent(error: BaseException) -> None:
    """Neither the message nor anything that hangs on the error shows the value."""
    told = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
    assert "s3cret" not in told
    assert "s3@cret" not in told
    assert error.__cause__ is None
    assert error.__context__ is None


# --- secrets --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", [URL, "postgresql://ada@h/todo?password=pa55%40word", "postgresql:///x?password=pa55"]
)
def test_nothing_prints_a_secret(setting, url: str, caplog: pytest.LogCaptureFixture):
    setting(url)
    settings = Settings()
    logging.getLogger().warning("%s %r", settings, settings)
    shown = [repr(settings), str(settings), f"{settings}", caplog.text, settings.model_dump_json()]
    shown += [repr(settings.url), str(settings.url), repr(settings.direct_url)]
    shown += [repr(settings.model_dump()), str(settings.database_url)]
    for text in shown:
        assert "pa55" not in text
        assert "s3cret" not in text
    assert settings.url.password.startswith("pa55")


def test_settings_cannot_be_changed_by_accident(setting):
    setting()
    with pytest.raises(ValueError, match="frozen"):
        Settings().database_url = "x"  # type: ignore[assignment,misc]


def test_a_traceback_of_a_program_is_silent():
    done = run("python", "-c", "import todo; todo.Settings()", DATABASE_URL="postgresql://u:s3cret")
    assert done.returncode == 1
    assert "todo.config.SettingsError: DATABASE_URL" in done.stderr
    assert "s3cret" not in done.stderr


# --- endpoints ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "direct", "pooled"),
    [
        ("ep-x-1-pooler.eu.aws.neon.tech", "ep-x-1.eu.aws.neon.tech", True),
        ("ep-x-1.eu.aws.neon.tech", "ep-x-1.eu.aws.neon.tech", False),
        ("db-pooler", "db", True),
        ("my-pooler-x.example.com", "my-pooler-x.example.com", False),
        ("x.my-pooler.example.com", "x.my-pooler.example.com", False),
        ("a-pooler-pooler.example.com", "a-pooler.example.com", True),
    ],
)
def test_the_direct_endpoint_is_derived(setting, host: str, direct: str, pooled: bool):
    setting(URL.replace("db.example.com", host))
    settings = Settings()
    assert endpoints.pooled(settings.url) is pooled
    assert settings.url.host == host
    assert settings.direct_url == settings.url.set(host=direct)
    assert endpoints.pooled(endpoints.parse(f"postgresql:///x?host={host}")) is pooled


def test_the_address_of_the_pooler_is_not_the_direct_one():
    url = endpoints.direct(endpoints.parse("postgresql://a-pooler.h/x?hostaddr=10.0.0.1&sslmode=x"))
    assert (url.host, url.query) == ("a.h", {"sslmode": "x"})


def test_a_server_that_does_not_answer_is_given_up_in_time():
    """The system takes the connection, and nobody ever says a word on it."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as silent:
        port = silent.getsockname()[1]
        url = endpoints.parse(f"postgresql://u:s3cret@127.0.0.1:{port}/x?connect_timeout=2")
        started = time.monotonic()
        with pytest.raises(OperationalError, match="timeout") as caught:
            create_engine(url).connect()
        assert time.monotonic() - started < 8
        assert "s3cret" not in str(caught.value)
    assert connect_arguments(url) == {}
    assert connect_arguments(endpoints.parse("postgresql:///x")) == {"connect_timeout": 10}


# --- files ----------------------------------------------------------------------------------


def example() -> dict[str, str]:
    """Name -> the comment before it, in .env.example."""
    found, comment = {}, ""
    for line in (BACKEND / ".env.example").read_text().splitlines():
        if line.startswith("#"):
            comment += line
        elif line:
            found[line.partition("=")[0]], comment = comment, ""
        else:
            comment = ""
    return found


def test_the_example_describes_every_setting_and_sets_none(folder: Path):
    described = example()
    assert sorted(described) == sorted(name.upper() for name in Settings.model_fields)
    assert "postgresql://" in described["DATABASE_URL"]
    assert "openssl rand -base64 32" in described["BETTER_AUTH_SECRET"]
    (folder / ".env").write_text((BACKEND / ".env.example").read_text())
    with pytest.raises(SettingsError, match="is not set"):
        Settings()


def test_the_command_that_makes_a_secret_makes_one_that_is_accepted(setting):
    command = re.search(r"openssl rand -base64 32", example()["BETTER_AUTH_SECRET"])
    assert command
    made = subprocess.run(command[0].split(), capture_output=True, text=True, check=True)
    setting(secret=made.stdout.strip())
    assert Settings().better_auth_secret.get_secret_value() == made.stdout.strip()


def test_env_is_ignored_by_git_and_its_example_is_not():
    def ignored(path: str) -> bool:
        done = subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, check=False)
        assert done.returncode in (0, 1)
        return done.returncode == 0

    assert ignored("backend/.env")
    assert not ignored("backend/.env.example")
