"""Settings that a project demands: which an error names, and what is made up for them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from pydantic import BaseModel, Field, PostgresDsn
from pydantic_settings import BaseSettings, SettingsConfigDict

from harness.sources.unset_settings import with_made_up

URL = "postgresql+psycopg://me@localhost:5432/run"


class Inner(BaseModel):
    size: int


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="APP_", env_nested_delimiter="__")
    secret: str = Field(min_length=16)
    workers: int = Field(gt=3)
    share: float
    debug: bool
    hosts: list[str]
    extra: dict[str, int]
    mode: str = Field(pattern="^made")
    database: str = Field(alias="DB_URI")
    inner: Inner
    primary: PostgresDsn


def of_environ() -> str:
    return os.environ["SECRET_KEY"] + os.environ["PORT"]


def demands(message: str, name: str) -> Callable[[], None]:
    def demand() -> None:
        if name not in os.environ:
            raise RuntimeError(message)

    return demand


def tried(do: Callable[[], object], again: bool = True) -> dict[str, str]:
    made: dict[str, str] = {}
    with_made_up(do, lambda: again, os.environ, URL, made)
    return made


@pytest.fixture(autouse=True)
def own_environment() -> Iterator[None]:
    before = dict(os.environ)
    for name in ("SECRET_KEY", "PORT", "MODE"):
        os.environ.pop(name, None)
    yield
    os.environ.clear()
    os.environ.update(before)


def test_what_pydantic_refuses_gets_a_value_of_the_type_it_names():
    settings: list[Settings] = []
    made = tried(lambda: settings.append(Settings()))
    assert (made["DB_URI"], made["APP_PRIMARY"]) == (URL, URL)
    assert {n for n in made if n.startswith("APP_")} == {
        f"APP_{n}"
        for n in ("SECRET", "WORKERS", "SHARE", "DEBUG", "HOSTS", "EXTRA", "MODE", "PRIMARY")
    } | {"APP_INNER", "APP_INNER__SIZE", "APP_DB_URI"}
    assert settings[0].workers > 3
    assert settings[0].hosts == []


def test_variables_that_the_program_reads_itself_fit_their_names():
    made = tried(of_environ)
    assert made.keys() == {"SECRET_KEY", "PORT"}
    assert made["PORT"].isdigit()


@pytest.mark.parametrize(
    "name", ["DB_HOST", "REDIS_URL", "SITE_DOMAIN", "POSTGRES_SERVER_HOSTNAME", "CELERY_BROKER_URL"]
)
def test_no_server_is_reached_by_what_is_made_up(name: str):
    def demand() -> None:
        os.environ[name]

    assert "made-up.invalid" in tried(demand)[name]


@pytest.mark.parametrize(
    "message",
    [
        "Set the API_TOKEN environment variable",
        "API_TOKEN not found. Declare it as envvar or define a default value.",
        'Environment variable "API_TOKEN" not set',
        "API_TOKEN is required",
    ],
)
def test_what_libraries_say_names_the_variable(message: str):
    assert tried(demands(message, "API_TOKEN")).keys() == {"API_TOKEN"}


def test_what_is_set_is_never_replaced(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("API_TOKEN", "mine")
    with pytest.raises(RuntimeError):
        tried(demands("API_TOKEN is not set right", "no such"))
    monkeypatch.setenv("APP_WORKERS", "1")  # too few
    with pytest.raises(ValueError, match="workers"):
        tried(Settings)
    assert (os.environ["API_TOKEN"], os.environ["APP_WORKERS"]) == ("mine", "1")


@pytest.mark.parametrize(
    "raised", [KeyError("SECRET_KEY"), NameError("name 'SECRET_KEY' is not defined")]
)
def test_an_error_of_the_program_itself_is_raised(raised: Exception):
    def fail() -> None:
        raise raised

    with pytest.raises(type(raised)):
        tried(fail)
    assert "SECRET_KEY" not in os.environ


def test_what_has_begun_is_not_done_again():
    with pytest.raises(KeyError):
        tried(of_environ, again=False)
