"""Whatever database the project names, it gets ours, or none.

Names: every variable that holds a PostgreSQL URL, in the environment or in ``.env``, and
``PG*`` lead to our database, under the scheme (so the driver) that the project chose.
Guarantee: SQLAlchemy's own connections are redirected as they are opened, wherever they
were going; and each new one, also one that a ``creator=`` made, has to prove that it
reached our database before anything else is done with it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, MutableMapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine  # of 1.4, too
from sqlalchemy.pool import Pool

from .identity import IDENTITY

_URL = re.compile(r"(postgres(?:ql)?(?:\+(\w+))?)://")
_DOTENV = re.compile(r"""^\s*(?:export\s+)?(\w+)\s*=\s*["']?(postgres\w*(?:\+\w+)?://)""", re.M)
_PLACE = {"host", "hostaddr", "port", "user", "password", "database", "dbname", "dsn"}
_PLACE |= {"service", "servicefile", "passfile", "requirepeer", "require_auth", "unix_sock"}
_PLACE |= {"direct_tls", "target_session_attrs", "load_balance_hosts", "channel_binding"}
_PLACE |= {"async_creator_fn"}
_SECURITY = ("ssl", "gss", "krb")


class AnotherDatabase(Exception):  # noqa: N818  a statement about the connection
    """The project reached, or tried to reach, another database."""


def to(url: str | None, server: Mapping[str, str] | None) -> None:
    """From now on all ways lead to one database; to none for None.

    ``url`` is what follows a scheme and ``://``; ``server`` has libpq's parameters and the
    database's ``identity``.
    """
    if event.contains(Engine, "do_connect", _refuse):
        event.remove(Engine, "do_connect", _refuse)
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]
    if url is None or server is None:
        event.listen(Engine, "do_connect", _refuse)
        return
    parameters = {name: value for name, value in server.items() if name != "identity"}
    _name(os.environ, url, parameters)

    def redirect(dialect: Any, _: Any, arguments: list[Any], keywords: dict[str, Any]) -> None:
        arguments.clear()
        _place(dialect, keywords, parameters)

    def prove(connection: Any, _: Any) -> None:
        _prove(connection, server["identity"])

    event.listen(Engine, "do_connect", redirect)
    event.listen(Pool, "connect", prove)


def to_nowhere() -> None:
    """Refuse every connection of SQLAlchemy's until `to` says where they lead."""
    event.listen(Engine, "do_connect", _refuse)


def driver(named: str) -> str:
    """The scheme for a URL's scheme that is ours to write: the driver named, else one there is."""
    found = _URL.match(f"{named}://")
    wanted = found[2] if found and found[2] else ""
    modules = {"psycopg_async": "psycopg"}
    for name in (wanted, "psycopg", "psycopg2", "asyncpg", "pg8000"):
        if name and find_spec(modules.get(name, name)):
            return f"postgresql+{name}"
    return "postgresql"


def named_schemes() -> dict[str, str]:
    """Variable -> scheme of the PostgreSQL URL in it; ``.env`` is outdone by the environment."""
    file = Path(".env")
    text = file.read_text("utf-8", errors="replace") if file.is_file() else ""
    values = dict(_DOTENV.findall(text)) | dict(os.environ)
    return {name: found[1] for name, value in values.items() if (found := _URL.match(value))}


def _name(environ: MutableMapping[str, str], url: str, parameters: Mapping[str, str]) -> None:
    for name, scheme in named_schemes().items():
        environ[name] = f"{scheme}://{url}"
    for name, value in parameters.items():
        environ["PGDATABASE" if name == "dbname" else f"PG{name.upper()}"] = value


def _refuse(dialect: Any, *_: Any) -> None:
    raise AnotherDatabase(f"connects to a {dialect.name} database where none is needed")


def _place(dialect: Any, keywords: dict[str, Any], parameters: Mapping[str, str]) -> None:
    """Replace where a connection goes, and leave how it is used to the project."""
    if dialect.name != "postgresql":
        raise AnotherDatabase(f"connects to {dialect.name}, not to PostgreSQL")
    for name in [n for n in keywords if n in _PLACE or n.startswith(_SECURITY)]:
        del keywords[name]
    ours = _NATIVE.get(dialect.driver, dict)(parameters)
    keywords.update({name: value for name, value in ours.items() if name not in keywords})


def _asyncpg(parameters: Mapping[str, str]) -> dict[str, Any]:
    """The rest, such as certificates, it reads from PG* itself."""
    names = {"host": "host", "user": "user", "password": "password", "dbname": "database"}
    return {
        "port": int(parameters["port"]),
        **{theirs: parameters[ours] for ours, theirs in names.items() if ours in parameters},
    }


def _pg8000(parameters: Mapping[str, str]) -> dict[str, Any]:
    given = _asyncpg(parameters)
    if given["host"].startswith("/"):
        given["unix_sock"] = f"{given.pop('host')}/.s.PGSQL.{given['port']}"
    return given


_NATIVE = {"asyncpg": _asyncpg, "pg8000": _pg8000}


def _prove(connection: Any, identity: str) -> None:
    """Refuse a connection to another database, before anything is done with it."""
    cursor = connection.cursor()
    cursor.execute(IDENTITY)
    found = cursor.fetchone()
    cursor.close()
    connection.rollback()
    if found is None or found[0] != identity:
        raise AnotherDatabase(
            "connects to a database of its own choice, and not to the one it is given"
        )
