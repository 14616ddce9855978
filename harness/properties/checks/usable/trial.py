"""Trial: statements given as a role, and what their answers amount to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from psycopg import sql

from harness.postgres.schema_model import Table
from harness.properties.base import Failed, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.checks.usable.actor import Actor, refused_role
from harness.properties.checks.usable.constant import REFUSED, never_fits
from harness.properties.checks.usable.left_out import NO_NULL, leaves_out
from harness.properties.checks.usable.never_stored import has_no_policy, reads_no_record
from harness.properties.checks.usable.same_error import literals, whatever_the_row
from harness.properties.checks.usable.statements import varied
from harness.properties.server_errors import Meaning, is_broken, meaning
from harness.properties.statement_result import Answer
from harness.rowgen import Draft, Values

Given = tuple[sql.Composed, Values | None]
"""A statement, and the row that it is about."""
_RULES = """
    SELECT coalesce(string_agg(pg_get_ruledef(oid), ' '), '') AS text
    FROM pg_rewrite WHERE ev_class = {}::regclass AND rulename = ANY ({})
"""


class Trial:
    """One command of one actor on one table."""

    def __init__(self, context: CheckContext, table: Table, actor: Actor, command: str) -> None:
        self.context, self.table, self.actor = context, table, actor
        self.command = command
        self._introduction: Sequence[sql.Composable] = ()
        self.valid_row = True
        """The row is one that the table's triggers have let in."""
        self._held: set[str] = set()

    def of(self, given: Iterable[Given], others: Iterable[sql.Composed] = ()) -> str:
        """The first statement that is carried out passes; what is worth knowing of it.

        ``others`` are tried where all that the first are told may depend on their values. Raises
        Failed where one ends in a broken program, Undecided where none shows anything.
        """
        answers: list[Answer] = []
        for statement, row in given:
            answers.append(self._first(statement))
            self.hold(statement, row)
            for introduction in () if self.tells(answers[-1]) else self.actor.introductions(row):
                answers.append(self._given(statement, introduction))
                if self.tells(answers[-1]):
                    self._introduction = introduction
                    break
            if self.tells(answers[-1]):
                break
        alike = [answer for answer in answers if meaning(answer) is Meaning.VALUES]
        past = False
        for statement in others if len(alike) == len(answers) else ():
            answers.append(self._first(statement))
            self.hold(statement, None)
            if self.tells(answers[-1]):
                break
            if self._is_invalid(answers[-1]):
                answers.pop()
                past = True
            elif meaning(answers[-1]) is Meaning.VALUES:
                alike.append(answers[-1])
        return self.judged(answers, [] if past else alike)

    def hold(self, statement: sql.Composed, row: Values | None = None) -> None:
        """Remember what a row holds that was tried."""
        self._held |= literals(statement.as_string(self.context.connection))
        self._held |= {text.lower() for text in (row or {}).values() if text}

    def _is_invalid(self, answer: Answer) -> bool:
        """Whether a row of our own choice got past the error, and is none that the table holds."""
        own = answer.table == self.table.name.name and not answer.inside
        return own and answer.sqlstate.startswith("23")

    def tells(self, answer: Answer) -> bool:
        """Whether nothing else need be tried."""
        return _done(answer) or self.breaks(answer)

    def _first(self, statement: sql.Composed) -> Answer:
        """The answer to the role, or to one of its members where that lacks something else."""
        answer = self._given(statement, [])
        if answer.sqlstate == "42501" and self.breaks(answer) and self.actor.role:
            for member in self.actor.members():
                other = self._given(statement, [], member)
                if not self.breaks(other):
                    return other
        return answer

    def _given(
        self, statement: sql.Composed, introduction: Sequence[sql.Composable], member: str = ""
    ) -> Answer:
        """A statement as the role; undone, and no evidence unless it ends in a broken program."""
        mark = len(self.context.steps)
        with self.context.undone():
            for text in introduction:
                self.context.keep(text.as_string(self.context.connection))
            for text in self.actor.becoming(member):
                answer = self.context.attempt(text.as_string(self.context.connection), keep=True)
                if not answer:
                    raise refused_role(str(answer))
            if self.actor.role:
                self.context.forget_plans()
            answer = self.context.attempt(statement)
            if not self.tells(answer) and meaning(answer) is not Meaning.VALUES:
                del self.context.steps[mark:]
            return answer

    def once(self, statement: sql.Composed) -> Answer:
        """The answer to a statement, from a session that says what the first that passed said."""
        return self._given(statement, self._introduction)

    def breaks(self, answer: Answer) -> bool:
        """Whether a statement ended in an error of the schema's own code."""
        if answer:
            return False
        if self._leaves_out(answer) or self._never_fits(answer):
            return True
        if reads_no_record(self.table, answer, self.command.lower()):
            return True
        if has_no_policy(self.context, self.table, answer):
            return True
        indirect = self.actor.is_anybody or (self.actor.is_owner and self.actor.role)
        if answer.sqlstate == "42501" and indirect and not answer.inside:
            # Who looks into the schema has rights of their own there; an owner may never do so.
            return self.actor.may_use_schema() and is_broken(answer, granted=True)
        # A session that has not said who it is may get there by a row that does not exist.
        sure = self.valid_row and not (answer.inside and self.actor.lacks_settings(answer))
        return is_broken(answer, valid_row=sure, granted=True)

    def _leaves_out(self, answer: Answer) -> bool:
        if answer.sqlstate != NO_NULL or answer.table == self.table.name.name:
            return False
        rules = "" if answer.inside else self.rules()
        return leaves_out(self.context.schema, self.table, answer, rules)

    def _never_fits(self, answer: Answer) -> bool:
        """Whether a trigger or rule stores elsewhere what is refused there, whatever the row."""
        if answer.sqlstate != REFUSED or answer.table == self.table.name.name:
            return False
        rules = "" if answer.inside else self.rules()
        return never_fits(self.context.schema, self.table, answer, rules)

    def rules(self) -> str:
        """What the rules for the command say."""
        names = [r.name for r in self.table.rules if r.event == self.command.lower()]
        query = sql.SQL(_RULES).format(
            sql.Literal(self.table.identifier.as_string()), sql.Literal(names)
        )
        found = self.context.query(query)[0]["text"] if names else ""
        if names:
            self.context.steps.pop()  # no evidence of anything
        return str(found)

    def judged(self, answers: Sequence[Answer], alike: Sequence[Answer]) -> str:
        """What the answers amount to; ``alike`` are those that may depend on the row."""
        what = f"{self.command} as {self.actor}"
        for answer in answers:
            if self.breaks(answer):
                raise Failed(f"{what} ends in an error of the schema's own code: {answer}")
        if any(map(_done, answers)):
            return ""
        rules = [answer for answer in answers if meaning(answer) is Meaning.RULE]
        if rules:
            return f"a rule of the schema refuses it: {rules[0]}"
        if self.actor.is_denied(self.command):
            return "row level security lets it reach no row: there is no policy for it"
        if alike and self._whatever_the_row(alike):
            raise Failed(f"{what} ends in the same error whatever the row: {alike[0]}")
        if refused := [answer for answer in answers if not answer]:
            raise Undecided(f"{what} is refused, which may be due to our values: {refused[0]}")
        if instead := self._instead():
            return f"the rule {instead} stands for it"
        if self._is_suppressed():
            return "a trigger suppresses it"
        if self.table.kind == "view" and not self.actor.role:
            tables = ", ".join(str(name) for name in self.table.reads)
            raise Undecided(
                f"{what} reached no row: the view shows none of those that were tried in {tables}"
            )
        raise Undecided(f"{what} reached no row, which shows nothing")

    def _instead(self) -> str:
        """The rule that is carried out in the place of the command, whatever the row is."""
        event = self.command.lower()
        return next((r.name for r in self.table.rules if r.instead and r.event == event), "")

    def _is_suppressed(self) -> bool:
        """Whether a row that is there for certain is kept from the command by a trigger."""
        hidden = self.table.row_security and self.actor.role
        keeping = (
            t.timing == "before" and t.level == "row" and self.command.lower() in t.events
            for t in self.table.triggers
            if t.fires
        )
        return self.table.kind != "view" and not hidden and any(keeping)

    def _whatever_the_row(self, answers: Sequence[Answer]) -> bool:
        if any(self.actor.lacks_settings(answer) for answer in answers):
            return False
        return whatever_the_row(answers, self._held, self.listed())

    def listed(self) -> set[str]:
        """The values of the columns that have a few, in lower case."""
        return {
            text.lower()
            for column in (self.table.columns if self.table.holds_rows else ())
            for text in self.context.rows.few(self.table, column.name)
        }

    def varied(self, drafts: Sequence[Draft]) -> str:
        """The same of rows that differ in all that is free to differ."""
        referring = {n for key in self.table.foreign_keys for n in key.columns}
        texts = [text for draft in drafts[:1] for text in varied(self.context, draft, referring)]
        answers, past = [self.context.attempt(draft) for draft in drafts], False
        for draft in drafts:
            self.hold(sql.SQL("").format(), {**draft.stored, **draft.values})
        for text in texts:
            answers.append(self.context.attempt(text))
            self.hold(text, None)
            if answers[-1]:
                break
            if self._is_invalid(answers[-1]):
                answers.pop()
                past = True
        alike = [a for a in answers if meaning(a) is Meaning.VALUES]
        return self.judged(answers, [] if past else alike)


def _done(answer: Answer) -> bool:
    """Whether a statement was carried out, and found a row."""
    return bool(answer and answer.count)
