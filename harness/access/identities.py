"""Identities: who sessions are, as far as conditions ask.

Which values an input takes is observed: of the values that rows hold, those count with which
principals get rows of their own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg import sql

from harness.access.attempts import Actor, Answer, Attempt, Attempts
from harness.access.catalog import Catalog, Policy
from harness.access.inputs import Inputs
from harness.access.values import NUMBERS, STRANGER, put, value_of_type

if TYPE_CHECKING:
    from harness.access.seeding import Seeds

NOBODY, EXPIRED, STRANGE, ANYONE = "nobody", "expired", "stranger", "anyone"
PRINCIPALS = ("one", "two", "three", "four", "five")
_MOST, _LEAST = 12, 2
_USER = re.compile(r"\b(?:CURRENT_USER|SESSION_USER|CURRENT_ROLE)\b", re.IGNORECASE)

Values = Mapping["Input", str]


class Input(NamedTuple):
    """One thing that a session says of itself."""

    setting: str
    """Empty for a claim."""
    path: tuple[str, ...] = ()
    """Of a claim; empty is the whole setting."""

    def __str__(self) -> str:
        return ".".join(self.path) or self.setting


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a session is. ``user`` is a role of its own, a member of the role that is tried."""

    name: str
    settings: Mapping[str, str] | None
    """None: a session in which none was ever set."""
    user: str | None = None
    principal: int | None = None
    """Whose rows are its own; identities of one principal are one person."""

    def actor(self, role: str) -> Actor:
        """It, as a role."""
        return Actor(self.user or role, self.settings)


def inputs_of(inputs: Inputs) -> list[Input]:
    """Settings and claims."""
    return [
        *(Input(name) for name in inputs.settings),
        *(Input("", path) for path in inputs.claims),
    ]


def as_settings(inputs: Inputs, values: Values) -> dict[str, str]:
    """Settings that say all of this; every document has all claims."""
    found = {one.setting: text for one, text in values.items() if not one.path}
    claims: dict[str, Any] = {}
    for one, text in values.items():
        if one.path:
            put(claims, one.path, text)
    alone = {name: values.get(Input("", path), "") for name, path in inputs.claim_settings}
    return found | alone | {name: json.dumps(claims) for name in inputs.documents}


@dataclass
class Judged:
    """What policies say of rows, for somebody, asked without their being in force."""

    attempts: Attempts
    catalog: Catalog

    def __post_init__(self) -> None:
        """Every condition of every policy, once."""
        found = [(p, text) for p in self.catalog.policies for text in p.texts]
        self.conditions = list(dict.fromkeys((p.relation, text) for p, text in found))

    def ask(self, identity: Identity, texts: Sequence[tuple[int, str]]) -> list[Answer]:
        """The rows of which each condition is true, for an identity."""
        queries = [self._query(oid, text, identity.user) for oid, text in texts]
        actor = Actor(None, identity.settings)
        return self.attempts.make([Attempt(actor, query, is_query=True) for query in queries])

    def _query(self, oid: int, text: str, user: str | None) -> str:
        relation = self.catalog.by_oid[oid]
        if user:
            text = _USER.sub(lambda _: sql.Literal(user).as_string(None) + "::name", text)
        return f"{relation.places} WHERE {text}"


@dataclass
class Choosing:
    """The identities of a database."""

    inputs: Inputs
    seeds: Seeds
    judged: Judged

    def identities(self) -> list[Identity]:
        """Everybody worth trying, nobody first."""
        if not self.inputs.any:
            return [Identity(ANYONE, None)]
        found = [Identity(NOBODY, None)]
        every = inputs_of(self.inputs)
        if every:
            empty = dict.fromkeys(self.inputs.names, "")
            found.append(Identity(EXPIRED, empty))
        kinds = self._kinds(every)
        found += self._principals(kinds)
        found += self._others(kinds)
        return found[:_MOST]

    def _kinds(self, every: Sequence[Input]) -> dict[Input, tuple[str, ...]]:
        """For each input, the values of the principals with which most is told apart."""
        lists = self._lists()
        chosen = dict.fromkeys(every, lists[0])
        for _ in range(2 if len(every) > 1 else 1):
            for one in every:
                scored = [(self._score({**chosen, one: kind}), -n) for n, kind in enumerate(lists)]
                chosen[one] = lists[-max(scored)[1]]
        return chosen

    def _lists(self) -> list[tuple[str, ...]]:
        """Values of principals, as numbers, as rows hold them, and texts that are compared."""
        found: dict[tuple[str, ...], None] = {NUMBERS: None}
        if self.inputs.uuids:
            found[tuple(value_of_type("uuid", number, "") or "" for number in NUMBERS)] = None
        for name, rows in self.seeds.rows.items():
            relation = self.seeds.catalog.by_name[name]
            for column in self.inputs.of_relation(relation):
                held = {row.principal: row.stored.get(column) for row in rows}
                texts = [text for n in range(len(NUMBERS)) if (text := held.get(n))]
                # A partition may lack the first one's row: another's value would be his.
                whole = all(held.get(number) for number in range(_LEAST))
                if whole and len(set(texts)) > 1 and not {"f", "t"} & {*texts}:
                    found[_as_long(texts)] = None
        for text in (*self.inputs.literals, "true"):
            found[(text,) * len(NUMBERS)] = None
        return list(found)[:40]

    def _score(self, kinds: Mapping[Input, tuple[str, ...]]) -> tuple[int, int, int]:
        """Fewest errors; most conditions that tell two principals apart; most that are true."""
        answers = [self._answers(kinds, number) for number in (0, 1)]
        errors = sum(bool(a.state) and a.state != "21000" for each in answers for a in each)
        pairs = list(zip(*answers, strict=True))
        apart = sum(bool(a.found and b.found and a.found != b.found) for a, b in pairs)
        true = sum(bool(a.found) for a, _ in pairs)
        return (-errors, apart, true)

    def _answers(self, kinds: Mapping[Input, tuple[str, ...]], number: int) -> list[Answer]:
        values = {one: kind[number] for one, kind in kinds.items()}
        identity = self._identity("", values, number)
        return self.judged.ask(identity, self.judged.conditions)

    def _identity(self, name: str, values: Values, number: int | None) -> Identity:
        users = self.seeds.users
        user = None if not users else users[number] if number is not None else users[-1]
        return Identity(name, as_settings(self.inputs, values), user, number)

    def _principals(self, kinds: Mapping[Input, tuple[str, ...]]) -> Iterator[Identity]:
        many = len(NUMBERS) if self.inputs.consulted else 3
        if self.seeds.users:
            many = min(many, len(self.seeds.users) - 1)
        told_apart = any(len(set(kind)) > 1 for kind in kinds.values()) or self.seeds.users
        known = list[Values]()
        for number in range(many if told_apart else 1):
            values = {one: kind[number] for one, kind in kinds.items()}
            if values not in known or self.seeds.users:
                yield self._identity(PRINCIPALS[number], values, number)
            known.append(values)

    def _others(self, kinds: Mapping[Input, tuple[str, ...]]) -> Iterator[Identity]:
        """A stranger; the first principal with one thing otherwise, or one missing."""
        if strange := self._stranger(kinds):
            yield strange
        first = {one: kind[0] for one, kind in kinds.items()}
        known = [self._rows(Identity(NOBODY, None)), self._rows(self._identity("", first, 0))]
        for one in kinds:
            for text in (*self.inputs.literals, "true"):
                other = self._identity(f"one, {one} = {text}", {**first, one: text}, 0)
                rows = self._rows(other)
                if rows is not None and rows not in known and any(rows):
                    known.append(rows)
                    yield other
        if len(kinds) > 1:
            for one in kinds:
                rest = {other: text for other, text in first.items() if other != one}
                if not one.path:
                    rest[one] = ""
                yield self._identity(f"one, without {one}", rest, 0)

    def _rows(self, identity: Identity) -> list[frozenset[str]] | None:
        """What conditions are true of for somebody; None where one raises: nobody is like that."""
        answers = self.judged.ask(identity, self.judged.conditions)
        return None if any(a.state for a in answers) else [a.found for a in answers]

    def _stranger(self, kinds: Mapping[Input, tuple[str, ...]]) -> Identity | None:
        """Values that no row has, and that conditions take; None where none are found."""
        uuid = f"00000000-0000-4000-8000-{int(STRANGER):012d}"
        for other in (STRANGER, uuid, None):
            values = {
                one: kind[0] if len(set(kind)) == 1 else other or f"{kind[0]}{STRANGER}"
                for one, kind in kinds.items()
            }
            identity = self._identity(STRANGE, values, None)
            if self._rows(identity) is not None:
                return identity
        return None


def _as_long(values: Sequence[str]) -> tuple[str, ...]:
    """A value for each principal; those without a row of theirs have another's."""
    return tuple(
        values[n % len(values)] if n >= len(values) else values[n] for n in range(len(NUMBERS))
    )


@dataclass(frozen=True, slots=True)
class UndecidedCondition:
    """A condition that was the same for every row and everybody."""

    policy: Policy
    text: str
    why: str


def unproved(
    judged: Judged, identities: Sequence[Identity], arms: Sequence[tuple[Policy, str]]
) -> Iterator[UndecidedCondition]:
    """The arms of policies that no row and identity showed both ways."""
    asked = [(policy.relation, text) for policy, text in arms]
    total = judged.ask(Identity(NOBODY, {}), [(oid, "true") for oid, _ in asked])
    true: list[bool] = [False] * len(arms)
    false: list[bool] = [False] * len(arms)
    for identity in identities:
        for n, answer in enumerate(judged.ask(identity, asked)):
            if not answer.state:
                true[n] |= bool(answer.found)
                false[n] |= answer.found != total[n].found
    for n, (policy, text) in enumerate(arms):
        if not true[n]:
            yield UndecidedCondition(policy, text, "never true")
        elif not false[n]:
            yield UndecidedCondition(policy, text, "never false")
