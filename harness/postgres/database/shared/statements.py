"""What a script says that it does to the server as a whole.

Statements inside strings count where they could be run from there: the body of DO or of a
function, ``lives_ok('CREATE ROLE alice')``. Taking one too many for such a statement costs
a file its company; taking one too few costs another file its result.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_VERBS = (
    *("CREATE", "ALTER", "DROP", "GRANT", "REVOKE", "REASSIGN", "COMMENT", "SECURITY"),
    *("PREPARE", "REPLICATION_"),
)
_NOUNS = re.compile(
    r"ROLE|USER|GROUP|DATABASE|TABLESPACE|PARAMETER|GRANT|REVOKE|OWNED|SYSTEM|TRANSACTION"
    r"|SUBSCRIPTION|REPLICATION_"
)
_TOKEN = re.compile(
    r"""
      --[^\n]*
    | /\*.*?\*/
    | (?P<identifier>"(?:[^"]|"")*")
    | [eE]'(?P<escaped>(?:[^'\\]|''|\\.)*)'
    | '(?P<string>(?:[^']|'')*)'
    | (?<![\w$])\$(?P<tag>(?:[^\W\d]\w*)?)\$(?P<body>.*?)\$(?P=tag)\$
    """,
    re.DOTALL | re.VERBOSE,
)
_NAME = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_START = r"(?:^|;|\b(?:BEGIN|THEN|ELSE|LOOP)\b)\s*"
_ROLES = rf"{_NAME}(?:\s*,\s*{_NAME})*"
_MAPPING = r"(?!\s+MAPPING\s+(?:FOR|IF)\b)"
_CHANGES = re.compile(
    rf"""
    {_START}(?:
        (?:CREATE|ALTER|DROP)\s+(?:ROLE|USER{_MAPPING}|GROUP|DATABASE|TABLESPACE|SUBSCRIPTION)
      | GRANT\s+{_ROLES}\s+TO
      | REVOKE\s+(?:(?:ADMIN|INHERIT|SET)\s+OPTION\s+FOR\s+)?{_ROLES}\s+FROM
      | (?:GRANT|REVOKE)\b[^;]*?\bON\s+(?:PARAMETER|DATABASE|TABLESPACE)
      | (?:REASSIGN|DROP)\s+OWNED
      | ALTER\s+SYSTEM
      | COMMENT\s+ON\s+(?:ROLE|DATABASE|TABLESPACE)
      | SECURITY\s+LABEL\s+(?:FOR\s+\S+\s+)?ON\s+(?:ROLE|DATABASE|TABLESPACE)
      | PREPARE\s+TRANSACTION
    )\b
    | \bpg_(?:create|copy)_\w+_replication_slot\s*\(
    | \bpg_replication_origin_create\s*\(
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CREATES = re.compile(
    rf"{_START}CREATE\s+(?P<kind>ROLE|USER{_MAPPING}|GROUP|DATABASE|TABLESPACE)\s+"
    rf"(?P<name>{_NAME})(?![\w$&])",
    re.IGNORECASE,
)
_ESCAPES = re.compile(r"''|\\(.)", re.DOTALL)
_LONGEST = 63
"""Bytes of a name that the server keeps."""


def touches_server(statements: Iterable[str]) -> bool:
    """Whether a statement, as written, changes what all databases of a server share."""
    return any(_CHANGES.search(code) for code in _all_code(statements))


def created_names(statements: Iterable[str]) -> frozenset[tuple[str, str]]:
    """What CREATE statements name: ``("role" | "database" | "tablespace", name)``."""
    return frozenset(
        (_kind(match["kind"]), _folded(match["name"]))
        for code in _all_code(statements)
        for match in _CREATES.finditer(code)
    )


def _kind(word: str) -> str:
    return "role" if word.upper() in ("USER", "GROUP") else word.lower()


def _folded(name: str) -> str:
    """A name as the server keeps it: it folds ASCII only, and cuts between characters."""
    plain = name[1:-1].replace('""', '"').encode() if name[0] == '"' else name.encode().lower()
    return plain[:_LONGEST].decode(errors="ignore")


def _all_code(statements: Iterable[str]) -> Iterator[str]:
    for statement in statements:
        if _has_the_words(statement.upper()):  # most do not, and need no closer look
            yield from _code(statement)


def _has_the_words(text: str) -> bool:
    """Whether a text in upper case has the words at all."""
    return any(verb in text for verb in _VERBS) and bool(_NOUNS.search(text))


def _code(text: str) -> Iterator[str]:
    """A text without strings and comments, and what its strings hold likewise."""
    inner: list[str] = []

    def blank(token: re.Match[str]) -> str:
        if token["identifier"]:
            return token[0]
        inner.extend(filter(None, [_quoted(token)]))
        return " " if token[0][0] in "-/" else "''"

    yield _TOKEN.sub(blank, text)
    for string in inner:
        yield from _code(string)


def _quoted(token: re.Match[str]) -> str:
    """What a string holds."""
    if token["escaped"]:
        return _ESCAPES.sub(lambda found: found[1] or "'", token["escaped"])
    return token["body"] or (token["string"] or "").replace("''", "'")
