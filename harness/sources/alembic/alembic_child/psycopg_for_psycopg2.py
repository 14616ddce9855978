"""psycopg 3 where a project's URLs want psycopg2, which is not installed.

Parameters are put into statements by the client, as psycopg2 does it: the server takes none in DDL.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects import registry

if TYPE_CHECKING:
    from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg


def register() -> bool:
    """Have SQLAlchemy take it from now on; whether that is needed, and possible."""
    known = all(map(find_spec, ("psycopg", "sqlalchemy.dialects.postgresql.psycopg")))
    if find_spec("psycopg2") or not known:
        return False
    for name in ("postgresql", "postgresql.psycopg2"):
        registry.register(name, __name__, "dialect")
    return True


def __getattr__(name: str) -> type[PGDialect_psycopg]:
    """The dialect, whose modules take long to load, when it is asked for."""
    if name != "dialect":
        raise AttributeError(name)
    from psycopg import ClientCursor
    from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

    class InPlaceOfPsycopg2(PGDialect_psycopg):
        supports_statement_cache = True

        def create_connect_args(self, url: Any) -> Any:
            arguments, keywords = super().create_connect_args(url)  # type: ignore[no-untyped-call]
            return arguments, {**keywords, "cursor_factory": ClientCursor}

    return InPlaceOfPsycopg2
