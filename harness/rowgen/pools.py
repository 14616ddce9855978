"""Pools: values for one column that its own conditions accept, found out by the server."""

from __future__ import annotations

import datetime
import json
import random
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from psycopg import sql

from harness.postgres.schema_model import Column, Name, Type
from harness.rowgen import documents
from harness.rowgen.conditions import Condition, called_in, domain_conditions, judged_type
from harness.rowgen.evaluator import Server
from harness.rowgen.hints import Hint, hints
from harness.rowgen.json_paths import Path
from harness.rowgen.neighbouring_values import ending, further, interesting
from harness.rowgen.patterns import like_pattern, matching
from harness.rowgen.values import inner_domains, sample, usual, values, values_of, written

_DRAWN = 24
_VARIANTS: dict[str, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "btrim": str.strip,
    "trim": str.strip,
    "ltrim": str.lstrip,
    "rtrim": str.rstrip,
    "initcap": str.title,
}
_MOST_LENGTH = 5000
_STEMS = 4
"""Texts that get another beginning or end."""
_JSON = ("json", "jsonb")


@dataclass
class Pool:
    """The values of a column that are worth trying, the plainest first."""

    column: Column
    accepted: list[str]
    refused: list[str]
    """Of the column's type, but refused by one of its conditions."""
    refusing: Condition | None = None
    """Where nothing is accepted: the condition that refused most."""
    given: int = 0
    """How many of the accepted, from the first, were given away as unused."""
    rounds: int = 0
    """How often more values were looked for."""
    exhausted: bool = False
    """The last time, there were none."""
    mentioned: list[str] = field(default_factory=list)
    """What a trigger's body leads to; some of the accepted."""
    failing: str | None = None
    """The first value of the type for which the server could not compute the conditions."""

    def whole(self) -> Pool:
        """A pool of the refused values beside the accepted ones."""
        return Pool(self.column, [*self.accepted, *self.refused], [])

    def unused(self) -> str | None:
        """A value that nobody was given yet; None where all were."""
        # What is found later comes after the others, so nothing is looked at twice.
        if self.given == len(self.accepted):
            return None
        self.given += 1
        return self.accepted[self.given - 1]


class Pools:
    """Pools of the columns of one database, made when they are asked for."""

    def __init__(self, server: Server, encoding: str, seed: int) -> None:
        self._server = server
        self._encoding = encoding
        self._seed = seed
        self._drawn: dict[tuple[str, int, int], list[str]] = {}
        self._known: dict[tuple[Column, tuple[Condition, ...]], Pool] = {}

    def pool(
        self, column: Column, own: Sequence[Condition], others: Sequence[Condition] = ()
    ) -> Pool:
        """The pool of a column: ``own`` conditions read it alone, ``others`` do so too.

        The caller may change it. Where no function is called, the server says the same each time,
        and is asked once, for however many tables' rows refer to this one.
        """
        every = (*own, *others)
        if column.type.domains or called_in(every):
            return self._asked(column, own, others)
        key = (column, every)
        if key not in self._known:
            self._known[key] = self._asked(column, own, others)
        known = self._known[key]
        return replace(known, accepted=[*known.accepted], refused=[*known.refused], mentioned=[])

    def _asked(self, column: Column, own: Sequence[Condition], others: Sequence[Condition]) -> Pool:
        found = _hints(column, own, others)
        texts = [*written(column), *self.hinted(column, found), *self.draw(column)]
        return self.judged(column, own, texts)

    def more(self, pool: Pool, own: Sequence[Condition], others: Sequence[Condition]) -> None:
        """Add other values to a pool, of the same kind; it is exhausted where there are none."""
        pool.rounds += 1
        column, count, round_ = pool.column, _DRAWN * 4, pool.rounds
        found = _hints(column, own, others)
        found = [h for h in found if not h.path]
        lines = [h.sql for h in found if h.kind in ("near", "member") and not h.reads]
        start = 2 + 30 * (round_ - 1)
        beyond = [sql for line in lines for sql in further(column, line, start, 30)]
        fresh = [
            *self._patterned(column, found, count, round_),
            *(text for text in self._server.texts(beyond) if text is not None),
            *self._numbered(pool, round_),
            *self.draw(column, count, round_),
        ]
        more = self.judged(column, own, fresh)
        grown = list(dict.fromkeys([*pool.accepted, *more.accepted]))
        pool.exhausted, pool.accepted = len(grown) == len(pool.accepted), grown

    def draw(self, column: Column, count: int = _DRAWN, round_: int = 0) -> list[str]:
        """Values of the column's type, whatever its conditions."""
        key = (column.type.sql, column.type.modifier(column.modifier), round_)
        if key not in self._drawn:
            fresh = [
                *self._fresh(column, count, round_),
                *(usual(column.type) if not round_ else ()),
            ]
            self._drawn[key] = sorted(dict.fromkeys(fresh), key=_oddity)
        return self._drawn[key]

    def _fresh(self, column: Column, count: int, round_: int) -> list[str]:
        root, modifier = column.type.root, column.type.modifier(column.modifier)
        at = self._number(root.sql, round_)
        if parts := {domain: self._accepted(domain) for domain in inner_domains(root)}:
            return sample(values_of(root, modifier, self._encoding, parts), count, at)
        if column.length is None or root.name not in ("varchar", "bpchar"):
            return [*_sampled(root, modifier, self._encoding, count, at)]
        # Drawn once for all lengths: drawing is what takes the time.
        key = (root.sql, -1, round_)
        if key not in self._drawn:
            self._drawn[key] = [*_sampled(root, -1, self._encoding, count, at)]
        cut = (text[: column.length] for text in self._drawn[key])
        return list(dict.fromkeys([*cut, "x" * column.length]))

    def _accepted(self, domain: Type) -> SearchStrategy[str]:
        """What the CHECKs of a domain accept, for the arrays and composites made of it."""
        column = Column(
            Name("", ""), "value", 1, domain, -1, domain.sql, *(False, None, None, None, None),
            identity=None, collation=None, inherited=False, writable=True,
        )  # fmt: skip
        accepted = self.pool(column, domain_conditions(column)).accepted
        return st.sampled_from(accepted) if accepted else values(domain, -1, self._encoding)

    def strategy(self, column: Column, own: Sequence[Condition]) -> SearchStrategy[str]:
        """What Hypothesis draws for a column: of its pool where it has conditions."""
        if not own:
            return values(column.type, column.modifier, self._encoding)
        return st.sampled_from(self.pool(column, own).accepted or [""])

    def hinted(self, column: Column, found: Iterable[Hint]) -> list[str]:
        """The values that hints lead to; of the column's type where the server says so."""
        known = [hint for hint in found if not hint.reads]
        parts = [hint for hint in known if hint.path or hint.kind in ("typeof", "value")]
        found = [hint for hint in known if hint not in parts]
        near = [
            sql
            for hint in found
            if hint.kind in ("near", "member")
            for sql in interesting(column, hint.sql)
        ]
        texts = [hint.sql for hint in found if hint.kind == "text"]
        patterned = self._patterned(column, found, _DRAWN, 0)
        stems = [*patterned[:_STEMS], *self.draw(column)[:_STEMS]]
        ended = [hint for hint in found if hint.kind in ("prefix", "suffix")]
        near += [sql for hint in ended for sql in ending(hint.kind, hint.sql, stems)]
        made = [
            *(text for text in self._server.texts(near) if text is not None),
            *patterned,
            *self._sized(column, found, [*patterned, *self.draw(column)]),
            *self._of_parts(column, parts),
            *_about(column, texts),
            *(_calendar(column) if any(hint.kind == "calendar" for hint in found) else ()),
            *texts,
        ]
        applied = [
            _VARIANTS[hint.sql] for hint in found if hint.sql in _VARIANTS and hint.kind == "apply"
        ]
        base = [*made, *self.draw(column)] if applied else []
        return [*(apply(text) for apply in applied for text in base), *made]

    def _of_parts(self, column: Column, found: Sequence[Hint]) -> list[str]:
        """Documents and composite values, made of what hints say of their parts."""
        if not found:
            return []
        paths = dict.fromkeys(hint.path for hint in found)
        chance = random.Random(self._number(column.type_sql, "parts"))  # noqa: S311  repeatable
        if column.type.root.name in _JSON:
            values = {path: self._leaves(column, found, path) for path in paths}
            return documents.of_parts({p: some for p, some in values.items() if some}, chance)
        fields = {a.name: a for a in column.type.root.attributes}
        parts = {
            str(path[0]): [
                text for leaf in self._leaves(column, found, path) if (text := str(leaf))
            ]
            for path in paths
            if len(path) == 1 and path[0] in fields
        }
        drawn = {
            name: sample(values_of(a.type, a.modifier, self._encoding, {}), 6, self._number(place))
            for place, (name, a) in enumerate(fields.items())
        }
        return documents.records([*fields], parts, drawn, chance) if parts else []

    def _leaves(self, column: Column, found: Sequence[Hint], path: Path) -> list[object]:
        """What hints say of one part of a column's values."""
        here = [hint for hint in found if hint.path == path]
        near = [hint.sql for hint in here if hint.kind in ("near", "member")]
        texts = self._server.texts([f"({sql})::text" for sql in near])
        kinds = self._server.texts([hint.sql for hint in here if hint.kind == "typeof"])
        sized = [hint for hint in here if hint.kind in ("length", "items")]
        sizes = self._server.texts([f"({hint.sql})::integer" for hint in sized])
        made: list[object] = [
            *(one for kind in kinds if kind for one in documents.SAMPLES.get(kind, ())),
            *(json.loads(hint.sql) for hint in here if hint.kind == "value"),
            *(one for text in texts if text is not None for one in documents.around(text)),
            *self._patterned(column, here, _DRAWN, 0),
        ]
        for hint, size in zip(sized, sizes, strict=True):
            one = "a" if hint.kind == "length" else ["a"]
            made += [one * length for length in _around(size)]
        return made

    def _patterned(
        self, column: Column, found: Iterable[Hint], count: int, round_: int
    ) -> list[str]:
        """Texts for the patterns; the shorter ones of those that the column can hold."""
        wanted = [hint for hint in found if hint.kind in ("pattern", "like", "similar")]
        texts: list[str] = []
        patterns = self._server.texts([hint.sql for hint in wanted])
        for hint, pattern in zip(wanted, patterns, strict=True):
            regex = like_pattern(pattern) if pattern and hint.kind == "like" else pattern
            if regex:
                at = self._number(regex, round_)
                texts += _matching(regex, hint.operator.endswith("*"), count, at)
        return [text for text in texts if column.length is None or len(text) <= column.length]

    def _sized(self, column: Column, found: Iterable[Hint], texts: Sequence[str]) -> list[str]:
        """Texts of the lengths, and arrays of the sizes, that conditions compare with."""
        sized = [hint for hint in found if hint.kind in ("length", "items")]
        sizes = self._server.texts([f"({hint.sql})::integer" for hint in sized])
        made: list[str] = []
        for hint, size in zip(sized, sizes, strict=True):
            for length in _around(size):
                made += _of_length(column, hint, length, texts)
        return made

    def _numbered(self, pool: Pool, round_: int) -> list[str]:
        """Texts and numbers that go on where the known ones end: keys are never exhausted."""
        start = 1000 * round_
        root = pool.column.type.root
        if root.name in ("int2", "int4", "int8", "numeric", "float4", "float8", "money", "oid"):
            return [str(number) for number in range(start, start + 300)]
        if root.name in ("text", "varchar", "bpchar", "citext", "name") and pool.accepted:
            stems = sorted(pool.accepted[:8], key=len)[:3]
            return [f"{s}{n}" for n in range(start, start + 100) for s in stems]
        return []

    def judged(self, column: Column, own: Sequence[Condition], texts: Iterable[str]) -> Pool:
        """Sort candidates into what the conditions accept and what they refuse."""
        candidates = list(dict.fromkeys(text for text in texts if _fits(column, text)))
        rows = [{column.name: text} for text in candidates]
        # The value itself as well: a cast that nothing reads is not made, and does not fail.
        value = sql.Identifier(column.name).as_string(None)
        expressions = [*(condition.sql for condition in own), f"{value} IS NULL"]
        types = {column.name: judged_type(column)}
        answers = self._server.judge(types, rows, expressions)
        pool, votes = Pool(column, [], []), [0] * len(own)
        for text, answer in zip(candidates, answers, strict=True):
            bad = [i for i, c in enumerate(own) if answer and c.fails(answer[i])]
            if answer is not None:
                (pool.refused if bad else pool.accepted).append(text)
            elif own and pool.failing is None and self._is_of_type(column, text):
                pool.failing = text
            for index in bad:
                votes[index] += 1
        if own and not pool.accepted:
            pool.refusing = own[votes.index(max(votes))]
        return pool

    def _is_of_type(self, column: Column, text: str) -> bool:
        value = sql.SQL("SELECT {}::{}").format(sql.Literal(text), sql.SQL(judged_type(column)))
        return bool(self._server.rows(value))

    def _number(self, *parts: object) -> int:
        """A seed of its own for each use, the same in every process."""
        return zlib.crc32(repr((self._seed, *parts)).encode())


@lru_cache(maxsize=4096)
def _sampled(type_: Type, modifier: int, encoding: str, count: int, at: int) -> tuple[str, ...]:
    """Values of a type: drawing them takes long, and is the same again for the same seed."""
    return tuple(sample(values(type_, modifier, encoding), count, at))


@lru_cache(maxsize=4096)
def _matching(pattern: str, insensitive: bool, count: int, at: int) -> tuple[str, ...]:
    """Texts for a pattern; none where there is no such one in Python."""
    strategy = matching(pattern, insensitive)
    return () if strategy is None else tuple(sample(strategy, count, at))


def _oddity(text: str) -> tuple[bool, bool, int]:
    """What a person would rather not read in an example comes last."""
    plain = bool(text) and text.isascii() and text.isprintable()
    return (not plain, text.startswith("-"), len(text))


def _hints(column: Column, own: Sequence[Condition], others: Sequence[Condition]) -> list[Hint]:
    every = (hint for c in [*own, *others] for hint in hints(c.sql, c.columns))
    return [hint for hint in every if hint.column == column.name]


def _fits(column: Column, text: str) -> bool:
    """No longer than the column is; a cast would only cut it."""
    limited = column.type.root.name in ("varchar", "bpchar")
    return not limited or column.length is None or len(text) <= column.length


def _around(size: str | None) -> list[int]:
    number = int(size) if size else 0
    return [n for n in (number, number + 1, number - 1) if size and 0 <= n <= _MOST_LENGTH]


def _of_length(column: Column, hint: Hint, length: int, drawn: Sequence[str]) -> list[str]:
    if hint.kind == "length" and column.type.root.name == "bytea":
        return ["\\x" + "61" * length]
    if hint.kind == "length":
        return [
            "x" * length,
            *(text.ljust(length, text[-1:] or "x")[:length] for text in drawn[:4]),
        ]
    if column.type.root.category == "array" and column.type.root.element and length <= 64:
        element = next((text for text in drawn if text.count(",") == 0 and len(text) > 2), "{1}")
        return ["{" + ",".join([element[1:-1]] * length) + "}"]
    return ["[" + ",".join(["1"] * length) + "]"] if length <= 64 else []


def _about(column: Column, texts: Sequence[str]) -> list[str]:
    """Documents with the texts of a condition as keys and values of each other."""
    name = column.type.root.name
    if name == "hstore":
        return [f'"{key}"=>"{value}"' for key in texts for value in ["1", *texts]]
    return documents.about(texts) if name in _JSON and texts else []


def _calendar(column: Column) -> list[str]:
    """Every day of a leap year, the hours of one of them, and a day of each year about it."""
    start = datetime.datetime(2024, 1, 1)
    if column.type.root.name not in ("date", "timestamp", "timestamptz"):
        return []
    days = [start + datetime.timedelta(days=day) for day in range(366)]
    hours = [start + datetime.timedelta(hours=hour, minutes=hour) for hour in range(24)]
    years = [start.replace(year=year) for year in range(1970, 2071)]
    whole = column.type.root.name == "date"
    return [str(moment)[: 10 if whole else None] for moment in [*days, *hours, *years]]
