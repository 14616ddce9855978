"""Introductions: what a session may say of who is there, for policies and functions that ask."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice, permutations

from psycopg import sql

from harness.postgres.schema_model import Table
from harness.properties.check_context import CheckContext
from harness.rowgen import Values

_SETTING = re.compile(r"current_setting\(\s*'([^']+\.[^']+)'", re.IGNORECASE)
_CLAIM = re.compile(r"->>?\s*'(\w+)'(?:::text)?(?=(\)*\s*->)?)")
"""``claims -> 'app_metadata' ->> 'tenant'``: a key, and whether another one follows."""
_WORD = re.compile(r"(?:'|(?<=[{,]))([\w.@:-]{1,40})(?='|[,}])")
"""``'admin'``, and both of ``'{admin,clerk}'``."""
_READ = """
    SELECT string_agg(text, ' ') AS text FROM (
        SELECT concat_ws(' ', pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
        FROM pg_policy
        UNION ALL
        SELECT prosrc FROM pg_proc
        WHERE oid >= 16384 AND prosrc ~* 'current_setting'
        UNION ALL
        SELECT pg_get_viewdef(oid) FROM pg_class WHERE relkind = 'v' AND oid >= 16384
        UNION ALL
        SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef
    ) AS found (text) WHERE text ~* 'current_setting'
"""
_ASKING = """
    WITH RECURSIVE bodies (name, text) AS (
        SELECT proname, concat(prosrc, pg_get_function_sqlbody(oid)) FROM pg_proc
        WHERE oid >= 16384
        UNION ALL
        SELECT relname, pg_get_viewdef(oid) FROM pg_class WHERE relkind = 'v' AND oid >= 16384
        UNION ALL
        SELECT polrelid::regclass::text::name, concat(
            pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
        ) FROM pg_policy
        UNION ALL
        SELECT adrelid::regclass::text::name, pg_get_expr(adbin, adrelid) FROM pg_attrdef
    ), asking (name) AS (
        SELECT name FROM bodies WHERE text ~* 'current_setting'
        UNION
        SELECT b.name FROM bodies AS b JOIN asking AS a
        ON strpos(lower(b.text), lower(a.name::text)) > 0
    )
    SELECT DISTINCT name FROM asking
"""
"""The functions, views and tables whose code reads settings, by themselves or through others."""
_POLICIES = """
    SELECT string_agg(
        concat_ws(' ', pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)), ' '
    ) AS text
    FROM pg_policy WHERE polrelid = {}::regclass
"""
_ANYBODY = ("5f1d3a2c-8e4b-4c6d-9a7f-0b2e4d6c8a10", "1")
"""Who is there where it is enough that somebody is."""
_VALUES = 6
_WORDS = 6
_MIXED = 40
"""Choices of a value for each of several settings."""


class Introductions:
    """Statements that say who is there: values of rows, and words that the schema compares."""

    def __init__(self, context: CheckContext, table: Table, role: str) -> None:
        self._context, self._table, self._role = context, table, role

    @cached_property
    def settings(self) -> list[str]:
        """The settings of the application's that policies, functions and defaults read."""
        return sorted({*_SETTING.findall(self._texts)})

    def asked_for(self, text: str) -> bool:
        """Whether code that a text names may read a setting, or code that stands in the text."""
        if not self.settings:
            return False
        own = [self._table.name.name, self._table.definition or "", self.policies]
        own += [trigger.source for trigger in self._table.triggers]
        own += [c.default or c.generated or "" for c in self._table.columns]
        own += [check.expression or "" for check in self._table.checks]
        told = " ".join([text, *own]).lower()
        return any(name in told for name in self._asking)

    def of(self, row: Values, around: Iterable[Values]) -> Iterator[list[sql.Composable]]:
        """With values of the row, then of those around it, then with words of the schema."""
        for some in around if self.settings else ():
            # What was tried before this row was there may be right now.
            for value in self._few(some):
                yield self._saying(dict.fromkeys(self.settings, value))
        if not self.settings:
            return
        yield from islice(self._mixed(self._few(row)), _MIXED)
        yield from (self._saying(dict.fromkeys(self.settings, value)) for value in _ANYBODY)
        yield from islice(self._worded([*_ANYBODY, *self._few(row)]), _MIXED)

    @cached_property
    def _texts(self) -> str:
        found = str(self._context.query(_READ)[0]["text"] or "")
        self._context.steps.pop()  # no evidence of anything
        return found

    @cached_property
    def _asking(self) -> list[str]:
        found = [str(row["name"]).lower() for row in self._context.query(_ASKING)]
        self._context.steps.pop()
        return ["current_setting", *(name.rpartition(".")[2].strip('"') for name in found)]

    @cached_property
    def policies(self) -> str:
        """What the table's policies say."""
        where = sql.Literal(self._table.identifier.as_string())
        found = str(self._context.query(sql.SQL(_POLICIES).format(where))[0]["text"] or "")
        self._context.steps.pop()
        return found

    def _few(self, row: Values) -> list[str]:
        """Some values of a row: those of the columns that policies speak of first."""
        spoken = [name for name in row if _named(name, self.policies)]
        spoken += [name for name in row if _named(name, self._texts)]
        names = dict.fromkeys([*spoken, *row])
        return list(dict.fromkeys(text for name in names if (text := row[name])))[:_VALUES]

    @cached_property
    def _words(self) -> list[str]:
        """What a setting may be compared with: ``'admin'``; those of the table's policies first."""
        keys = {*self.settings, *self._claims}
        found = [*_WORD.findall(self.policies), *_WORD.findall(self._texts)]
        return [word for word in dict.fromkeys(found) if word not in keys][:_WORDS]

    @cached_property
    def _claims(self) -> dict[str, bool]:
        """The keys of a setting that holds JSON; whether each has keys of its own."""
        found = _CLAIM.findall(f"{self.policies} {self._texts}")
        nested = {key for key, more in found if more}
        return {key: key in nested for key, _ in found}

    def _mixed(self, values: Sequence[str]) -> Iterator[list[sql.Composable]]:
        """With another value of the row in each setting: a tenant, and a member of it."""
        if len(self.settings) > 1:
            for some in permutations(values, len(self.settings)):
                yield self._saying(dict(zip(self.settings, some, strict=True)))

    def _worded(self, values: Sequence[str]) -> Iterator[list[sql.Composable]]:
        """With a word in the place of a role, then of each other setting in turn."""
        for word in self._words:
            for value in values:
                said = dict.fromkeys(self.settings, value)
                yield self._saying(said, word)
                for name in self.settings if len(self.settings) > 1 else ():
                    if not _is_role(name):
                        yield self._saying({**said, name: word}, word)
            if len(self.settings) == 1:
                yield self._saying(dict.fromkeys(self.settings, word), word)

    def _saying(self, said: dict[str, str], role: str = "") -> list[sql.Composable]:
        role = role or self._role
        call = sql.SQL("SELECT set_config({}, {}, true)")
        return [
            call.format(sql.Literal(name), sql.Literal(self._text(name, value, role)))
            for name, value in said.items()
        ]

    def _text(self, setting: str, value: str, role: str) -> str:
        if _is_role(setting) and role:
            return role
        if not setting.endswith("claims"):
            return value
        flat = {"sub": value, **dict.fromkeys(self._claims, value), "role": role}
        nested = {key: flat for key, deeper in self._claims.items() if deeper}
        return json.dumps({**flat, **nested})


def _named(column: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(column)}(?!\w)", text) is not None


def _is_role(setting: str) -> bool:
    """Whether a setting says what somebody is, and not who: ``request.jwt.claim.role``."""
    return setting.rpartition(".")[2].endswith("role")
