"""Probe: a trigger's function that notes each call, in place of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from psycopg import sql

from harness.properties.answer import Answer
from harness.properties.base import Undecided
from harness.properties.bench import Bench, Statement
from harness.relations import Trigger

_FUNCTION = """
CREATE OR REPLACE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS $harness$
BEGIN
    PERFORM set_config('harness.fired', concat(current_setting('harness.fired', true),
        TG_NAME, '|', TG_WHEN, '|', TG_LEVEL, '|', TG_OP, chr(10)), false);
    IF TG_LEVEL = 'STATEMENT' THEN RETURN NULL; END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $harness$
"""
_FORGET = "SELECT set_config('harness.fired', '', false)"
_RECALL = "SELECT current_setting('harness.fired') AS fired"


class Call(NamedTuple):
    """One call of a trigger, in the server's words."""

    name: str
    timing: str
    level: str
    event: str


class Probe:
    """The functions of some triggers, replaced until the transaction is rolled back."""

    def __init__(self, bench: Bench, triggers: Sequence[Trigger]) -> None:
        self._bench = bench
        self._names = {trigger.name for trigger in triggers}
        if built_in := [t.function for t in triggers if t.language == "internal"]:
            raise Undecided(f"{built_in[0]} is built into the server, and its calls are not seen")
        for function in {trigger.function for trigger in triggers}:
            text = sql.SQL(_FUNCTION).format(function.identifier)
            answer = bench.attempt(text, keep=True)
            if not answer:
                raise Undecided(f"{function} cannot be replaced to see its calls: {answer}")
        # Constraint triggers that are deferred fire with the statement, to be seen.
        bench.keep("SET CONSTRAINTS ALL IMMEDIATE")

    def calls(self, statement: Statement) -> tuple[Answer, list[Call]]:
        """The answer to a statement, and the calls that it led to; undone."""
        with self._bench.undone():
            self._bench.keep(_FORGET)
            answer = self._bench.attempt(statement, keep=True)
            lines = str(self._bench.query(_RECALL)[0]["fired"]).splitlines()
        calls = [Call(*line.split("|")) for line in lines]
        return answer, [call for call in calls if call.name in self._names]
