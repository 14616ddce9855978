"""Inputs: what policies, and the functions and views that they reach, ask of a session.

Which columns, functions and tables a policy or view depends on the server says (pg_depend). What
the body of a function reads only its text does; it is looked for by name, which at worst makes
an input, a value or a row more than are needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from harness.access.catalog import Catalog, Function, Policy, Relation

_SETTING = re.compile(r"current_setting\(\s*'((?:[^']|'')+)'", re.IGNORECASE)
_UNKNOWN = re.compile(r"current_setting\(\s*(?!')", re.IGNORECASE)
_USER = re.compile(r"\b(?:current_user|current_role|session_user)\b", re.IGNORECASE)
_SESSION_USER = re.compile(r"\bsession_user\b", re.IGNORECASE)
# -> 'app_metadata'::text) ->> 'role'
_PATH = re.compile(r"(?:->>?\s*'\w+'(?:::text)?\s*\)*\s*)+")
_KEY = re.compile(r"->>?\s*'(\w+)'")
# current_setting('app.claims', true), '')::jsonb, with nothing but the ends of calls between
_JSON = re.compile(
    r"current_setting\(\s*'((?:[^']|'')+)'(?:::text)?[^()']*\)(?:[\s),]|'[^']*'|::text)*::jsonb?\b",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(r"jwt(?:\.claims?)?$")
_ONE_CLAIM = re.compile(r"jwt\.claims?\.(\w+)$")
"""``request.jwt.claim.sub``: a claim as a setting of its own, beside the document."""
# (storage.foldername(name))[1], split_part(path, '/'::text, 1)
_FOLDER = re.compile(
    r"(?:\bfoldername\(|\b(?:split_part|string_to_array)\()\(*(?:\w+\.)?\"?(\w+)\"?\)*"
    r"(?:\)|::\w+|, *'/')",
    re.IGNORECASE,
)
# (data ->> 'owner'::text), (d.data -> 'meta'::text) ->> 'owner'::text
_IN_COLUMN = re.compile(r"(\w+)\"?\s*((?:->>?\s*'\w+'(?:::text)?\s*\)*\s*)+)")
# acl ? auth.uid()::text, acl ->> ( SELECT auth.uid())::text: whose key it is, the session says
_OWN_KEY = re.compile(
    r"(\w+)\"?\s*(?:\?|->>?)[\s(]*(?:SELECT\s+)?(?:[\w.]+\(|(?:current|session)_user\b)",
    re.IGNORECASE,
)
# path ~~ (current_setting('app.path') || '.%')
_SEPARATOR = re.compile(r"\|\|\s*'([./:])%?'")
_CALL = re.compile(r"\"([^\"'\n]+)\"\s*\(|([^\W\d][\w$]*)\s*\(")
_UUID = re.compile(r"::uuid\b", re.IGNORECASE)
_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_NUMBER = re.compile(r"(?<![\w.'])(\d{1,9})(?![\w.'])")


@dataclass(frozen=True)
class Inputs:
    """What identities are made of, and what rows have to differ in."""

    settings: tuple[str, ...]
    """Custom settings that are read as they are."""
    documents: tuple[str, ...]
    """Settings that hold a JSON object of claims."""
    claims: tuple[tuple[str, ...], ...]
    """Paths of keys in these."""
    claim_settings: tuple[tuple[str, tuple[str, ...]], ...]
    """Settings that hold one claim alone, and its path."""
    by_user: bool
    """``current_user`` or ``session_user`` is read."""
    by_session: bool
    """``session_user`` is."""
    literals: tuple[str, ...]
    numbers: tuple[str, ...]
    read: dict[int, tuple[str, ...]]
    """Relation -> the columns that some condition reads."""
    principal: frozenset[str]
    """Names of columns that are compared with an input."""
    looked_up: frozenset[str]
    """Names of columns that are looked for among the rows of a table that an input chooses."""
    folders: frozenset[str]
    """Names of columns that hold a path, the first folder of which is compared."""
    keys: frozenset[tuple[str, tuple[str, ...]]]
    """Names of columns that hold a JSON object, and paths of keys in it."""
    own_keys: frozenset[str]
    """Names of columns that hold a JSON object, with a key of what a session says."""
    separators: tuple[str, ...]
    """What stands between the steps of a path: ``.``."""
    uuids: bool
    """Something that a session says is cast to uuid."""
    consulted: frozenset[int]
    """Tables that policies of others, functions or views look into."""
    managed: frozenset[tuple[int, str]]
    """Tables whose own rows say who may do what to them, and the command: memberships."""
    unknown: tuple[str, ...]
    """What reads a setting whose name is computed."""

    @property
    def any(self) -> bool:
        """Whether anything about the session matters beside its role."""
        return bool(self.names or self.by_user)

    @property
    def names(self) -> tuple[str, ...]:
        """All settings that say who somebody is."""
        return (*self.settings, *self.documents, *dict(self.claim_settings))

    @classmethod
    def of(cls, catalog: Catalog) -> Inputs:
        """What the conditions of a database read."""
        reached = list(_reached(catalog))
        texts = [*_conditions(catalog), *(function.body for function in reached)]
        whole = "\n".join(texts)
        names = list(dict.fromkeys(_SETTING.findall(whole)))
        documents = tuple(n for n in names if _is_document(n, whole))
        alone = tuple((n, (m[1],)) for n in names if (m := _ONE_CLAIM.search(n)))
        paths = [*(_paths(whole) if documents else ()), *(path for _, path in alone)]
        claims = tuple(dict.fromkeys(paths))
        taken = {*names, *(key for path in claims for key in path), "", "request.jwt.claims"}
        folders = frozenset(_FOLDER.findall("\n".join(_conditions(catalog))))
        literals = dict.fromkeys(text for text in _LITERAL.findall(whole) if len(text) <= 40)
        return cls(
            tuple(n for n in names if n not in (*documents, *dict(alone)) and "." in n),
            documents,
            claims,
            alone,
            bool(_USER.search(whole)),
            bool(_SESSION_USER.search(whole)),
            tuple(text for text in literals if text not in taken and _is_value(text))[:12],
            tuple(dict.fromkeys(_NUMBER.findall("\n".join(_conditions(catalog)))))[:6],
            _read(catalog, reached),
            frozenset(_principal(texts, reached)) | folders,
            frozenset(_looked_up(texts, reached)),
            folders,
            frozenset((c, tuple(_KEY.findall(path))) for c, path in _IN_COLUMN.findall(whole)),
            frozenset(_OWN_KEY.findall("\n".join(_conditions(catalog)))),
            tuple(dict.fromkeys(_SEPARATOR.findall(whole))),
            bool(_UUID.search(whole)),
            frozenset(_consulted(catalog, reached)),
            frozenset(_managed(catalog)),
            tuple(str(f) for f in reached if _UNKNOWN.search(f.body)),
        )

    def of_relation(self, relation: Relation) -> tuple[str, ...]:
        """The columns of a relation that some condition reads."""
        return self.read.get(relation.oid, ())


def _is_value(text: str) -> bool:
    """Whether a literal could be a value of a column: no name of ours, no pattern."""
    return not re.search(r"[%{}\n]", text) and bool(re.search(r"\w", text))


def _is_document(name: str, whole: str) -> bool:
    """Whether a setting is read as JSON."""
    return name in _JSON.findall(whole) or bool(_DOCUMENT.search(name))


def _paths(whole: str) -> Iterator[tuple[str, ...]]:
    for match in _PATH.finditer(whole):
        yield tuple(_KEY.findall(match[0]))


def _conditions(catalog: Catalog) -> Iterator[str]:
    """The texts that decide which rows somebody gets."""
    for policy in catalog.policies:
        yield from policy.texts
    for relation in catalog.relations:
        if relation.kind == "v" and relation.definition:
            yield relation.definition


def _reached(catalog: Catalog) -> Iterator[Function]:
    """Functions that policies and views call, and those that they call."""
    texts = list(_conditions(catalog))
    depended = {oid for policy in catalog.policies for oid in policy.functions}
    called = frozenset[str]().union(*map(_called, texts))
    yield from with_called(
        catalog, [f for f in catalog.functions if f.oid in depended or f.name in called]
    )


def with_called(catalog: Catalog, some: Iterable[Function]) -> Iterator[Function]:
    """Functions, and those that they call, by the names in their bodies."""
    todo, left = [*some], {f.oid: f for f in catalog.functions}
    while todo:
        one = todo.pop()
        if left.pop(one.oid, None) is None:
            continue
        yield one
        called = _called(one.body)
        todo += [f for f in left.values() if f.name in called]


def called_by(catalog: Catalog, texts: Sequence[str]) -> list[Function]:
    """The functions that texts call, and those that these call."""
    called = frozenset[str]().union(*map(_called, texts))
    return [*with_called(catalog, [f for f in catalog.functions if f.name in called])]


@lru_cache(maxsize=4096)
def _called(text: str) -> frozenset[str]:
    """The names of what a text calls, as the catalog has them."""
    return frozenset(quoted or plain.lower() for quoted, plain in _CALL.findall(text))


def _read(catalog: Catalog, reached: list[Function]) -> dict[int, tuple[str, ...]]:
    found: dict[int, dict[str, None]] = {}
    for policy in catalog.policies:
        for oid, column in policy.reads:
            if column is not None:
                found.setdefault(oid, {})[column] = None
        # The table's own columns are in no dependency of a whole-row reference.
    for relation in catalog.relations:
        own = found.setdefault(relation.oid, {})
        for text in _texts_about(catalog, relation, reached):
            own |= {c.name: None for c in relation.columns if mentions(text, c.name)}
    for relation in catalog.relations:
        names = {column.name for column in relation.columns}
        for above in catalog.above(relation):
            own = found[relation.oid]
            own |= {name: None for name in found.get(above.oid, ()) if name in names}
    return {oid: tuple(names) for oid, names in found.items()}


def _texts_about(catalog: Catalog, relation: Relation, reached: list[Function]) -> Iterator[str]:
    """Bodies that mention a table, and the WHERE of views over it that guard rows."""
    for function in reached:
        if mentions(function.body, relation.name.name):
            yield function.body
    for view in catalog.relations:
        if view.kind == "v" and relation.oid in view.reads and view.definition:
            yield view.definition.partition("WHERE")[2]


def mentions(text: str, name: str) -> bool:
    """Whether a text has this name as a word."""
    return bool(re.search(rf"\b{re.escape(name)}\b", text))


def _consulted(catalog: Catalog, reached: list[Function]) -> Iterator[int]:
    for policy in catalog.policies:
        itself = _asks_itself(catalog, policy)
        yield from (oid for oid, _ in policy.reads if itself or oid != policy.relation)
    for relation in catalog.relations:
        if any(mentions(function.body, relation.name.name) for function in reached):
            yield relation.oid


def _asks_itself(catalog: Catalog, policy: Policy) -> bool:
    """Whether a policy has a subquery of its own table."""
    own = re.escape(catalog.by_oid[policy.relation].name.name)
    again = re.compile(rf'\b(?:FROM|JOIN)[\s(]+(?:"?\w+"?\.)?"?{own}\b', re.IGNORECASE)
    return any(again.search(text) for text in policy.texts)


def _managed(catalog: Catalog) -> Iterator[tuple[int, str]]:
    for policy in catalog.policies:
        called = [f for f in catalog.functions if f.oid in policy.functions]
        name = catalog.by_oid[policy.relation].name.name
        if _asks_itself(catalog, policy) or any(
            mentions(function.body, name) for function in with_called(catalog, called)
        ):
            yield policy.relation, policy.command


def _source(reached: list[Function]) -> str:
    """A pattern: the current user, a setting, or a function that reads one."""
    calls = [f.name for f in reached if _SETTING.search(f.body) or _USER.search(f.body)]
    return "|".join(["current_setting", "current_user", "session_user", *map(re.escape, calls)])


def _looked_up(texts: list[str], reached: list[Function]) -> Iterator[str]:
    """Columns of which a subquery that asks who somebody is has the values: ``org IN (SELECT``."""
    pattern = re.compile(
        r"(\w+)\"?(?:\)|::\w+)*\s*(?:=|IN|= ANY)\s*\(+\s*SELECT\b[^;]{0,240}?"
        rf"\b(?:{_source(reached)})\b",
        re.IGNORECASE,
    )
    for text in texts:
        yield from pattern.findall(text)


def _principal(texts: list[str], reached: list[Function]) -> Iterator[str]:
    """Columns compared with the current user, a setting, or a function that reads one."""
    source = _source(reached)
    after = re.compile(
        rf"(\w+)\"?(?:\)|::\w+)*\s*(?:=|IN\b|= ANY)[\s(]*(?:SELECT\s|[\w.]+\(|\s|\()*?"
        rf"[^=;,]{{0,80}}?\b(?:{source})\b",
        re.IGNORECASE,
    )
    inside = re.compile(
        rf"(\w+)\"?\s*(?:->>?\s*'\w+'(?:::text)?\s*\)*\s*)+=\s*[^=;,]{{0,80}}?\b(?:{source})\b",
        re.I,
    )
    before = re.compile(rf"\b(?:{source})\b[^=;,]{{0,80}}?=\s*(?:ANY\s*\(+)?(?:\w+\.)?(\w+)", re.I)
    for text in texts:
        yield from after.findall(text)
        yield from before.findall(text)
        yield from inside.findall(text)
