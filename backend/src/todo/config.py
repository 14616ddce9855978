"""Settings: where the database is, and the secret shared with Better Auth.

Read from the environment, else from ``.env`` in the current directory. No message, ``repr``
or traceback of this module shows a value: a malformed URL may be all password.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL

from todo import endpoints

ENV_FILE = ".env"
SECRET_LENGTH = 32
"""Characters that a secret has at least: Better Auth's own recommendation."""


class SettingsError(Exception):
    """A setting that is missing or malformed: names it and the remedy, never its value."""


class DatabaseSettings(BaseSettings):
    """What migrations and scripts need. Raises SettingsError."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE,
        env_file_encoding="utf-8",
        env_ignore_empty=True,  # .env.example, copied and not filled in, sets nothing
        extra="ignore",  # the variables of other programs
        frozen=True,
        hide_input_in_errors=True,
    )

    database_url: SecretStr

    def __init__(self, **values: Any) -> None:
        """Read the settings; ``values`` win over the environment, and that over the file."""
        problems = None
        try:
            super().__init__(**values)
        except ValidationError as error:
            problems = _problems(error)
        if problems:  # raised out here, for pydantic's error holds the values
            raise SettingsError(problems)

    @field_validator("database_url")
    @classmethod
    def _is_a_url(cls, value: SecretStr) -> SecretStr:
        endpoints.parse(value.get_secret_value())
        return value

    @property
    def url(self) -> URL:
        """The URL as it was given, for psycopg 3; its ``str`` and ``repr`` hide the password."""
        return endpoints.parse(self.database_url.get_secret_value())

    @property
    def direct_url(self) -> URL:
        """The URL past Neon's pooler, for migrations; the same where there is no pooler."""
        return endpoints.direct(self.url)


class Settings(DatabaseSettings):
    """What the application needs. Raises SettingsError."""

    better_auth_secret: SecretStr

    @field_validator("better_auth_secret")
    @classmethod
    def _is_long_enough(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < SECRET_LENGTH:
            raise ValueError(
                f"is shorter than {SECRET_LENGTH} characters; openssl rand -base64 32 makes one"
            )
        return value


def _problems(error: ValidationError) -> str:
    """One line for each setting; only our own validators' words, which quote nothing."""
    lines = []
    for problem in error.errors(include_url=False, include_input=False):
        name = str(problem["loc"][0]).upper()
        cause = problem.get("ctx", {}).get("error")
        lines.append(f"{name} {cause or _unset(problem['type'])}")
    return "\n".join(lines)


def _unset(kind: str) -> str:
    if kind == "missing":
        place = Path(ENV_FILE).absolute()
        return f"is not set: set it in the environment or in {place}; .env.example describes it"
    return "is not text"
