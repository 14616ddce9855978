"""CheckContext: where one property is tried on the server, and what was done there is recorded.

Every statement is literal SQL, so that what is recorded is what was run. Statements go out
as simple queries and values come back as text, which holds what no Python type does
(infinite timestamps, dates before Christ).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import psycopg
from psycopg import sql

from harness.postgres.database import Database
from harness.postgres.schema_model import Constraint, Name, Schema, Table
from harness.properties import dropping
from harness.properties.base import Failed, Lost, NoRow, Role, SetupFailed, Step, Undecided
from harness.properties.row_statements import Statement, draft_of, insert, settled_insert
from harness.properties.server_errors import UNRESOLVED, Complaint, is_broken
from harness.properties.statement_result import Answer, Row, send
from harness.rowgen import SWALLOWED, Draft, Refusal, Rows, Unsatisfiable
from harness.rowgen.evaluator import newest

Made = TypeVar("Made")

_MOST_LIFTED = 6
"""Conditions that are taken out of one property's way."""
STATEMENT_TIMEOUT = 10
"""Seconds that a statement of a check may take."""
_NO_ROOM = ("57014", "40P01", "55P03", "53200", "53100")
"""Cancelled, deadlocked, not locked, out of memory, of disk: nothing is shown."""
_PATH = """
    SELECT string_agg(quote_ident(s), ', ') AS path,
           bool_or(s <> ALL (current_schemas(false))) AS wider
    FROM (SELECT unnest(current_schemas(false)) AS s
          UNION ALL (SELECT nspname FROM pg_namespace
                     WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
                     AND nspname <> ALL (current_schemas(false)) ORDER BY nspname)) AS found
"""
"""The schemas of the search_path, then all others; whether there are others."""
_NEEDLESS = ("42704", "23505")
"""A key that was lifted need not be deferred; a row that is there already is not made again."""
_DEFINES = ("ALTER ", "CREATE OR REPLACE ", "DROP ")


@dataclass(frozen=True, slots=True)
class Tools:
    """What is the same for every property."""

    clone: Callable[[], AbstractContextManager[Database]]
    spare: Callable[[Name], AbstractContextManager[Database]] | None = None
    """A clone that is used again, in which numbers of a sequence may be taken."""


class CheckContext:
    """One transaction on a clone of the template. ``draw`` has Hypothesis choose the rows."""

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        schema: Schema,
        rows: Rows,
        tools: Tools,
        draw: Callable[[Any], Any] | None = None,
        about: str = "",
        firing: Name | None = None,
    ) -> None:
        """``firing`` is the table whose triggers the property is about."""
        self.connection, self.schema, self.rows = connection, schema, rows
        self.tools = tools
        self.steps: list[Step] = []
        self._draw, self._about, self._firing = draw, about, firing
        self._lifted: list[str] = []
        self.without_triggers: set[Name] = set()
        """Tables whose triggers refuse every row, for what the row does not tell."""
        self.lifting = True
        """CHECKs that no row satisfies are taken out of the way."""
        self.altered = False
        """Something is not as the schema has it: what fails then may be our doing."""
        self._block: tuple[int, ...] = ()
        rows.begin()

    @property
    def remark(self) -> str:
        """Which conditions no row satisfies, and what was shown without them."""
        return f"shown without {', '.join(dict.fromkeys(self._lifted))}" if self._lifted else ""

    # --- rows --------------------------------------------------------------------------

    def valid(self, table: Table, **given: str | None) -> Draft:
        """A row that the server accepts, its parents inserted. Raises Undecided, or Lost."""
        if self._draw is None:
            draft = self._made(
                ("valid", table.name, given), lambda: self.rows.valid(table, **given)
            )
        else:
            draft = self._draw(self._made(None, lambda: self.rows.strategy(table, **given)))
        self._show(draft.parents)
        if draft.cleared:
            self.steps.append(Step(draft.cleared, "1 row", role=Role.SETUP, block=self._block))
        return draft

    def referring(self, table: Table, key: Constraint) -> Draft:
        """A row that the server accepts, and that refers to something by a key that may be NULL."""
        draft = self._made(("referring", table.name, key), lambda: self.rows.referring(table, key))
        self._show(draft.parents)
        return draft

    def stored_row(self, table: Table, **given: str | None) -> Draft:
        """A valid row, inserted. Raises as ``valid`` does."""
        (draft,) = self._made(
            ("insert", table.name, given), lambda: self.rows.insert(table, 1, **given)
        )
        self._show([*draft.parents, draft])
        return draft

    def _made(self, wanted: object, make: Callable[[], Made]) -> Made:
        """What rows are made of; conditions that none satisfies are taken out of the way.

        What is ``wanted`` and was not found is not looked for again by another property of the
        table, after the same statements.
        """
        while True:
            try:
                return self.rows.once(
                    (wanted, [s.sql for s in self.steps]) if wanted else None, make
                )
            except Unsatisfiable as error:
                if error.refusal is SWALLOWED and error.table.kind not in ("view", "foreign"):
                    self.attempt(Draft(error.table, error.closest, {}))
                    raise _swallowed(error.table) from None
                if error.refusal and self._widened(error.refusal):
                    continue
                if not (self._lift(error) or self._lift_triggers(error)):
                    raise NoRow(error) from None

    def _lift(self, error: Unsatisfiable) -> bool:
        """Drop the CHECK that no row was found for, unless the property is about it."""
        name = error.constraint
        own = name in ("", self._about, self._about.rpartition(".")[2])
        if own or len(self._lifted) >= _MOST_LIFTED or not self.lifting:
            return False
        drop = next(dropping.check(error.table, name), None)
        if drop is None or not self.attempt(drop, keep=True):
            return False
        self._lifted.append(name)
        self.rows.ignore(error.table, name)
        return True

    def _lift_triggers(self, error: Unsatisfiable) -> bool:
        """Disable the triggers of a table that no row was found for.

        What they do then depends on more than the row: an audit trail's on a setting of the
        session. Constraints hold without them, and so does what is tried of other tables.
        """
        table, refusal = error.table, error.refusal
        firing = [trigger.name for trigger in table.triggers if trigger.fires]
        known = table.name in self.without_triggers or table.name == self._firing
        if known or not firing or not self.lifting or refusal is None or is_broken(refusal):
            return False
        if not _wants_more_than_the_row(table, refusal):
            return False
        self.keep("SET CONSTRAINTS ALL IMMEDIATE")
        text = sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(table.identifier)
        if not self.attempt(text, keep=True):
            return False
        self.prepared(2)
        self.without_triggers.add(table.name)
        self._lifted.append(f"the triggers {', '.join(firing)} of {table}")
        return True

    def distinct(self, draft: Draft, columns: Collection[str]) -> Draft | None:
        """Another valid row that differs in these columns; None where none is found."""
        try:
            found = self.rows.distinct(draft, columns)
        except Unsatisfiable:
            return None
        self._show(found.parents)
        return found

    def varied(self, draft: Draft, columns: Collection[str]) -> Draft:
        """The draft with other values in as many of these columns as may have them."""
        found = self.rows.varied(draft, columns)
        self._show(found.parents)
        return found

    def stored(self, draft: Draft) -> Draft | None:
        """The draft as the server stores it; None where it does not."""
        answer = self.attempt(draft)
        return replace(draft, stored=answer.rows[0]) if answer.rows else None

    def _show(self, parents: Iterable[Draft]) -> None:
        known = {step.sql for step in self.steps}
        for parent in parents:
            texts = parent.statements()
            if not {text for text in texts if text.startswith("INSERT")} <= known:
                self.steps += [Step(t, "1 row", role=Role.SETUP, block=self._block) for t in texts]
                known |= {*texts}

    # --- statements --------------------------------------------------------------------

    def attempt(self, statement: Statement, keep: bool = False) -> Answer:
        """Run a statement, with what deferred constraints say of it; undone unless ``keep``."""
        text, draft = self._text(statement), draft_of(statement)
        before, after = (draft.before, draft.after) if draft else ((), ())
        sent, answer, others = self._attempted(text, keep, before)
        if self._widened(answer):
            sent, answer, others = self._attempted(text, keep, before)
        if keep and answer and text.startswith(_DEFINES):
            self.altered = True
        block = self._beside(others, keep and bool(answer))
        settled = settled_insert(statement, answer, keep, self._about)
        self._recorded(sent, answer, not keep, settled, block=block)
        for other in after if keep and answer else ():
            if done := self._apart(other):
                self._recorded(other, done, role=Role.SETUP)
        return answer

    def _attempted(
        self, text: str, keep: bool, before: Sequence[str]
    ) -> tuple[str, Answer, list[str]]:
        """What was sent, the answer, and what of ``before`` was run, and is undone, with it."""
        if not before:
            return (*self._attempted_alone(text, keep), [])
        done: list[str] = []
        self._send("SAVEPOINT with_others")
        for other in before:
            answer = self._apart(other)
            done += [other] * bool(answer)
            if not answer and answer.sqlstate not in _NEEDLESS:
                break
        else:
            text, answer = self._attempted_alone(text, keep)
        undo = "" if keep and answer else "ROLLBACK TO SAVEPOINT with_others; "
        self._send(f"{undo}RELEASE SAVEPOINT with_others")
        return text, answer, done

    def _apart(self, text: str) -> Answer:
        """The answer to a statement that need not succeed."""
        answer = self._send(f"SAVEPOINT other; {text}")
        self._send("RELEASE SAVEPOINT other" if answer else "ROLLBACK TO SAVEPOINT other")
        return answer

    def _attempted_alone(self, text: str, keep: bool) -> tuple[str, Answer]:
        head, _, data = text.partition("\n") if text.startswith("COPY ") else (text, "", "")
        answer = send(self.connection, f"SAVEPOINT attempt; {head}", data)
        if _by_rule(answer, text):
            text, answer = self._without_returning(text)
        late = self._send(_AS_AT_COMMIT) if answer else answer
        undo = "" if keep and late else "ROLLBACK TO SAVEPOINT attempt; "
        self._send(f"{undo}RELEASE SAVEPOINT attempt")
        return text, answer if late else replace(late, late=bool(answer))

    def _widened(self, error: Answer | Complaint) -> bool:
        """Let names be found in every schema, where one was not; False where they were already.

        Which schemas an application looks through, its connections say, and not the catalog.
        """
        if error.sqlstate not in UNRESOLVED or not error.inside:
            return False
        found = self._send(_PATH).rows
        if not found or found[0]["wider"] != "t":
            return False
        text = f"SET LOCAL search_path = {found[0]['path']}"
        self._recorded(text, self._send(text), role=Role.SETUP)
        return True

    def verdict(self, answer: Answer, text: str) -> Failed | Undecided:
        """What a refusal amounts to: the schema's own code is broken, or nothing is shown.

        ``text`` says so for a person, the answer included.
        """
        broken = not self.altered and is_broken(answer, valid_row=False)
        return Failed(f"{text}: the schema's own code is broken") if broken else Undecided(text)

    def _without_returning(self, text: str) -> tuple[str, Answer]:
        """The statement on a table with rules, which return no row: it is looked for."""
        plain, target = text[: text.rindex(" RETURNING ")], _TARGET.match(text)
        assert target is not None
        table = sql.SQL(target["table"])
        count = sql.SQL("SELECT count(*) AS n FROM {}").format(table).as_string()
        self._send("ROLLBACK TO SAVEPOINT attempt")
        before = self._send(count)
        answer = self._send(plain)
        if not answer or not before:
            return plain, answer
        changed = answer.count
        if plain.startswith("INSERT"):
            changed = int(self._send(count).rows[0]["n"]) - int(before.rows[0]["n"])
        found = newest(table).as_string(self.connection)
        rows = self._send(found).rows if changed > 0 and not plain.startswith("DELETE") else ()
        return plain, replace(answer, rows=rows, count=max(changed, 0))

    def at_once(self, statement: Statement) -> Answer:
        """What a statement is told before anything that is deferred looks at it; undone."""
        text, draft = self._text(statement), draft_of(statement)
        self._send("SAVEPOINT attempt")
        others = [other for other in (draft.before if draft else ()) if self._apart(other)]
        answer = self._send(text)
        if _by_rule(answer, text):
            text, answer = self._without_returning(text)
        self._send("ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt")
        block = self._beside(others, kept=False)
        return self._recorded(text, answer, undone=True, block=block)

    def _beside(self, before: Sequence[str], kept: bool) -> tuple[int, ...]:
        """Record what a statement was run with; the savepoints that both are in."""
        block = (*self._block, next(_BLOCKS)) if before and not kept else self._block
        self.steps += [Step(text, "1 row", role=Role.SETUP, block=block) for text in before]
        return block

    def settle_deferred(self, *tables: Table) -> None:
        """Have deferred triggers of the tables fire now, as they would have done at a COMMIT.

        Otherwise they would look at rows that later statements have changed.
        """
        waiting = [t for table in tables for t in table.triggers if t.deferrable and t.fires]
        if not any(trigger.deferred for trigger in waiting):
            return
        for trigger in waiting:
            name = sql.Identifier(trigger.table.schema, trigger.name)
            self.keep(sql.SQL("SET CONSTRAINTS {} IMMEDIATE").format(name))
            if trigger.deferred:
                self.keep(sql.SQL("SET CONSTRAINTS {} DEFERRED").format(name))

    def prepared(self, steps: int) -> None:
        """The last statements were no trial of a property, but prepare one."""
        self.steps[-steps:] = [replace(one, role=Role.SETUP) for one in self.steps[-steps:]]

    def accepts(self, statement: Statement, what: str, keep: bool = False) -> Answer:
        """Demand that a statement is accepted. Raises Failed: "``what`` is refused"."""
        answer = self.attempt(statement, keep)
        if not answer:
            raise Failed(f"{what} is refused: {answer}")
        return answer

    def refuses(
        self,
        statement: Statement,
        what: str,
        sqlstate: str,
        constraint: str = "",
        column: str = "",
    ) -> Answer:
        """Demand that a statement is refused, as `expect` says it."""
        answer = self.attempt(statement)
        if answer:
            raise Failed(f"{what} is accepted")
        self.expect(answer, what, sqlstate, constraint, column)
        return answer

    def expect(
        self, answer: Answer, what: str, sqlstate: str, constraint: str = "", column: str = ""
    ) -> None:
        """Demand of a refusal this SQLSTATE and this name; a domain's names no column.

        Raises Undecided where something else refuses the statement first.
        """
        right = answer.sqlstate == sqlstate and constraint in ("", answer.constraint)
        if not right or (answer.column and column not in ("", answer.column)):
            raise self.verdict(answer, f"{what} is refused by something else: {answer}")

    def keep(self, statement: Statement) -> Answer:
        """Run what a check builds on. Raises SetupFailed where it is refused, or Failed."""
        answer = self.attempt(statement, keep=True)
        if not answer:
            found = self.verdict(answer, text := f"cannot prepare: {answer}")
            raise found if isinstance(found, Failed) else SetupFailed(text)
        return answer

    def query(self, query: Statement, aside: bool = False) -> tuple[Row, ...]:
        """The rows of a query, values as text. Raises Undecided where it is refused, or Failed.

        ``aside``: what it says convinces nobody by itself.
        """
        role = Role.ASIDE if aside else Role.LOOK
        answer = self._recorded(text := self._text(query), self._send(text), role=role)
        if not answer:
            said = f"cannot look: {answer}"
            # The transaction has ended with it: another search_path cannot be tried.
            raise Undecided(said) if answer.sqlstate in UNRESOLVED else self.verdict(answer, said)
        return answer.rows

    def count(self, table: Table, values: Mapping[str, str | None]) -> int:
        """How many rows have these values."""
        conditions = [
            sql.SQL("{} IS NOT DISTINCT FROM {}").format(sql.Identifier(name), sql.Literal(text))
            for name, text in values.items()
        ]
        query = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(
            table.identifier, sql.SQL(" AND ").join(conditions)
        )
        return int(self.query(query)[0]["count"])

    def apart(self) -> AbstractContextManager[Database]:
        """A clone of its own, to connect to and to commit in; gone after the block."""
        return self.tools.clone()

    def beside(self, sequence: Name) -> AbstractContextManager[Database]:
        """A clone to connect to, for queries and for numbers of one sequence."""
        return self.tools.spare(sequence) if self.tools.spare else self.tools.clone()

    def forget_plans(self) -> None:
        """Have functions plan their statements anew, which looks at rights on schemas again."""
        self._send("DISCARD PLANS")

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Everything in the block is undone at its end."""
        self._send("SAVEPOINT undone")
        altered, outside = self.altered, self._block
        self._block = (*self._block, next(_BLOCKS))
        try:
            yield
        finally:
            self.altered, self._block = altered, outside
            self._send("ROLLBACK TO SAVEPOINT undone; RELEASE SAVEPOINT undone")

    # --- the wire ----------------------------------------------------------------------

    def _text(self, statement: Statement) -> str:
        if isinstance(statement, sql.Composable):
            return statement.as_string(self.connection)
        return statement if isinstance(statement, str) else insert(statement)

    def _recorded(
        self,
        text: str,
        answer: Answer,
        undone: bool = False,
        settled: str = "",
        role: Role = Role.STATEMENT,
        block: tuple[int, ...] | None = None,
    ) -> Answer:
        state, late = (
            answer.sqlstate,
            answer.late or (undone and bool(answer) and self.schema.defers),
        )
        step = Step(text, str(answer), state, answer.count, role, undone, late)
        inside = self._block if block is None else block
        self.steps.append(replace(step, block=inside, settled=settled))
        if answer.sqlstate in _NO_ROOM:
            raise Undecided(str(answer))
        return answer

    def _send(self, text: str) -> Answer:
        return send(self.connection, text)


_BLOCKS = itertools.count(1)
"""Numbers of savepoints that have others in them."""
_AS_AT_COMMIT = (
    "SAVEPOINT as_at_commit; SET CONSTRAINTS ALL IMMEDIATE;"
    " ROLLBACK TO SAVEPOINT as_at_commit; RELEASE SAVEPOINT as_at_commit"
)


def _swallowed(table: Table) -> Undecided:
    """Lost where what swallows rows does so with every one; where it chooses, nobody knows."""
    said = f"{table}: valid rows are not stored, without an error: something discards them"
    if any(t.fires and (t.when or _CHOOSES.search(t.source)) for t in table.triggers):
        return Undecided(f"{said}, and it decides itself which")
    return Lost(said)


def _wants_more_than_the_row(table: Table, refusal: Refusal) -> bool:
    """Whether a trigger refuses a row for what it looks up: in the session, or in another table.

    One that refuses every row by itself leaves nothing to show: nobody can insert there.
    """
    elsewhere = refusal.sqlstate.startswith("23") and refusal.table not in (None, table.name)
    asks = any(t.fires and "current_setting" in t.source.lower() for t in table.triggers)
    return refusal.inside and (elsewhere or asks)


_CHOOSES = re.compile(r"\b(?:if|case|exists)\b", re.IGNORECASE)


_TARGET = re.compile(
    r'(?:INSERT INTO|UPDATE|DELETE FROM) (?:ONLY )?(?P<table>"(?:[^"]|"")+"(?:\."(?:[^"]|"")+")?)'
)


def _by_rule(answer: Answer, text: str) -> bool:
    """A rule stands for the statement, and does not return the row that it asks for."""
    ruled = answer.sqlstate == "0A000" and answer.function == "RewriteQuery"
    return ruled and " RETURNING " in text and _TARGET.match(text) is not None
