"""psql's variables: their names, how their values are quoted, what counts as true."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

NAME = re.compile(r"(?:[A-Za-z0-9_]|[^\x00-\x7f])+")

# What psql says of the last statement.
RESULTS = frozenset({"ERROR", "LAST_ERROR_MESSAGE", "LAST_ERROR_SQLSTATE", "ROW_COUNT", "SQLSTATE"})
# Every psql session has these from the start.
DEFAULTS: Mapping[str, str] = MappingProxyType(
    {
        "LAST_ERROR_MESSAGE": "",
        "LAST_ERROR_SQLSTATE": "00000",
        "AUTOCOMMIT": "on",
        "ECHO": "none",
        "ECHO_HIDDEN": "off",
        "ENCODING": "UTF8",
        "FETCH_COUNT": "0",
        "ON_ERROR_ROLLBACK": "off",
        "ON_ERROR_STOP": "off",
        "QUIET": "off",
        "SINGLELINE": "off",
        "SINGLESTEP": "off",
        "VERBOSITY": "default",
    }
)
# What \\unset leaves behind where psql cannot go without a value.
UNSET = MappingProxyType(
    {name: value for name, value in DEFAULTS.items() if name not in {"ENCODING", *RESULTS}}
    | {"AUTOCOMMIT": "off"}
)
SWITCHES = frozenset({"AUTOCOMMIT", "ON_ERROR_STOP", "QUIET", "SINGLELINE", "SINGLESTEP"})
# Either would change how the rest of the script is read or whether it runs.
UNSERVED = frozenset({"SINGLELINE", "SINGLESTEP"})

BOOLEANS: Mapping[str, bool] = MappingProxyType(
    dict.fromkeys(("on", "1", "t", "tr", "tru", "true", "y", "ye", "yes"), True)
    | dict.fromkeys(("off", "of", "0", "f", "fa", "fal", "fals", "false", "n", "no"), False)
)
"""A word in small letters -> its truth as psql sees it; what is not here is no Boolean."""


def assigned(name: str, value: str) -> str:
    """Value that a variable takes when it is set to ``value``; ValueError says why not."""
    if not NAME.fullmatch(name):
        raise ValueError(f'invalid variable name: "{name}"')
    if name not in SWITCHES and name != "ON_ERROR_ROLLBACK":
        return value
    value = value or "on"
    truth = BOOLEANS.get(value.lower())
    if truth is None and not (name == "ON_ERROR_ROLLBACK" and value.lower() == "interactive"):
        raise ValueError(f'unrecognized value "{value}" for "{name}": Boolean expected')
    if truth and name in UNSERVED:
        raise ValueError(f"{name} is not supported")
    return value


def literal(value: str) -> str:
    """``value`` as an SQL string, the way libpq's PQescapeLiteral writes it."""
    quoted = value.replace("'", "''")
    if "\\" not in quoted:
        return f"'{quoted}'"
    # The space keeps the E apart from an identifier right before it.
    return " E'" + quoted.replace("\\", "\\\\") + "'"


def identifier(value: str) -> str:
    """``value`` as a quoted SQL name, the way libpq's PQescapeIdentifier writes it."""
    return '"' + value.replace('"', '""') + '"'
