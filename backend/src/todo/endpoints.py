"""Database URLs, and the two endpoints that Neon has for one database.

The pooled endpoint is PgBouncer in transaction mode, and the first label of its host ends in
``-pooler``; without that suffix the name is the direct endpoint's.
"""

from __future__ import annotations

import re

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

POOLER = "-pooler"
DRIVER = "postgresql+psycopg"
_SCHEME = re.compile(r"(?:postgres|postgresql|postgresql\+psycopg)://")
_HOST = re.compile(r"[\w.:%-]*")  # names, IPv4 and IPv6 addresses


def parse(text: str) -> URL:
    """A URL for SQLAlchemy and psycopg 3; ValueError, which quotes nothing, if it is none.

    A host or password among the parameters becomes the URL's own: ``repr`` hides the latter.
    """
    text = text.strip()
    if not _SCHEME.match(text):
        raise ValueError("must begin with postgres://, postgresql:// or postgresql+psycopg://")
    url = _parsed(text)
    if url is None or not _HOST.fullmatch(url.host or ""):
        raise ValueError(
            "is not of the form postgresql://USER:PASSWORD@HOST:PORT/DATABASE;"
            " in a password, write @ as %40, / as %2F, ? as %3F"
        )
    if not url.database:
        raise ValueError("names no database: postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
    return _gathered(url.set(drivername=DRIVER))


def _parsed(text: str) -> URL | None:
    try:
        return make_url(text)
    except (ArgumentError, ValueError):  # both may quote what they could not read
        return None


def _gathered(url: URL) -> URL:
    password, host = url.query.get("password"), url.query.get("host")
    if isinstance(password, str):
        url = url.set(password=password).difference_update_query(["password"])
    if isinstance(host, str) and not host.startswith("/"):
        url = url.set(host=host).difference_update_query(["host"])
    return url


def pooled(url: URL) -> bool:
    """Whether a URL is a pooled endpoint's."""
    return (url.host or "").partition(".")[0].endswith(POOLER)


def direct(url: URL) -> URL:
    """The direct endpoint of a pooled one; any other URL as it is.

    ``hostaddr``, which is the pooler's, is left out: the direct host's name is looked up.
    """
    if not pooled(url):
        return url
    name, dot, domain = (url.host or "").partition(".")
    return url.set(host=name.removesuffix(POOLER) + dot + domain).difference_update_query(
        ["hostaddr"]
    )
