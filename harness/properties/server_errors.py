"""What an error of the server means for the schema, told from SQLSTATE and `diag`, not from words.

The message is in the server's language and holds names that anybody may choose. What tells are the
SQLSTATE, where in the server's source code the error is raised (``diag.source_function``), and
whether it is raised by code of the schema that the statement led to (``diag.context``): a query
that we write names what the catalog has, so that a name that is undefined is the schema's.
"""

from __future__ import annotations

from enum import Enum
from typing import Protocol


class Meaning(Enum):
    """What is at fault where a statement that the catalog allows is refused."""

    RULE = "rule"
    """A constraint, a domain, a policy on the statement's own target or a RAISE says no."""
    BROKEN = "broken"
    """PostgreSQL cannot carry out the schema's own code, whatever the row is."""
    BROKEN_FOR_ROW = "broken for row"
    """The same, for this row: valid rows are all meant to go through, others need not be."""
    VALUES = "values"
    """It depends on the row's values, or on what is stored elsewhere: others may go through."""
    OTHER = "other"
    """Nothing is said of the schema: settings of the session, privileges, resources."""


class Complaint(Protocol):
    """What is known of an error: an Answer, or a Refusal of the row generator."""

    @property
    def sqlstate(self) -> str:
        """Five characters; empty where nothing was refused."""

    @property
    def function(self) -> str:
        """``diag.source_function``."""

    @property
    def inside(self) -> bool:
        """It was raised by code of the schema that the statement led to."""


UNRESOLVED = ("3F000", "42P01", "42703", "42704", "42883", "42P02")
"""An undefined schema, table, column, type, function: what another search_path may resolve."""
_RAISES = ("exec_stmt_raise", "exec_stmt_assert")
_UNKNOWN_SETTING = "find_option"
_POLICY = "ExecWithCheckOptions"
_PRIVILEGES = ("aclcheck_error", "aclcheck_error_col", "nextval_internal")
_RECURSION = "42P17"
_RULES = ("44000", "P0001", "P0004")
_NOT_ALLOWED = "42501"
_FOR_ROW = {
    "54001": "",  # recursion that finds no end
    "20000": "",  # CASE without a branch
    "21000": "",  # a subquery with two rows
    "P0003": "",  # INTO STRICT with two rows
    "55000": "instantiate_empty_record_variable",  # a record that is not assigned yet
    "0A000": "ExecBRInsertTriggers",  # a BEFORE trigger that takes the row to another partition
}
"""SQLSTATE -> the function that it has to come from; empty is any."""
_OWN_TRIGGERS = ("tsvector_update_trigger", "moddatetime", "autoinc", "insert_username")
"""Trigger functions in C: what they object to is how the trigger was created."""
_OF_VALUES = ("54000", "428C9", "27000", "P0002")
_NO_PROGRAM = ("57", "53", "40", "55", "08", "58", "25")
"""Classes: cancelled, resources, serialization, locks, connection, system, read-only."""


def meaning(error: Complaint, granted: bool = False) -> Meaning:
    """What an error of the server says.

    ``granted``: all that the statement itself asks for is granted to whoever runs it, so that what
    is not allowed is something behind it.
    """
    state, function = error.sqlstate, error.function
    if function in _RAISES or state in _RULES or state.startswith("23"):
        return Meaning.RULE
    if state == _NOT_ALLOWED:
        return _not_allowed(error, granted)
    if state in _FOR_ROW and _FOR_ROW[state] in ("", function):
        return Meaning.BROKEN_FOR_ROW
    if state in _OF_VALUES or state.startswith("22") or (state == "55000" and error.inside):
        return Meaning.VALUES
    if function == _UNKNOWN_SETTING or state.startswith(_NO_PROGRAM):
        return Meaning.OTHER
    if state.startswith("XX") or state == _RECURSION or function in _OWN_TRIGGERS:
        return Meaning.BROKEN
    # What is raised outside is about our own statement, or about a kind of table.
    return Meaning.BROKEN if error.inside else Meaning.OTHER


def _not_allowed(error: Complaint, granted: bool) -> Meaning:
    if error.function == _POLICY:
        # Of another table: who may write to it is often told by settings or by the row.
        return Meaning.VALUES if error.inside else Meaning.RULE
    if error.function in _PRIVILEGES and (error.inside or granted):
        return Meaning.BROKEN
    return Meaning.OTHER


def is_broken(error: Complaint, valid_row: bool = True, granted: bool = False) -> bool:
    """Whether the schema's own code cannot be carried out.

    ``valid_row``: the statement is about a row that everything accepts, so that the code has to
    cope with it; of other rows only what is broken whatever the row is.
    """
    found = meaning(error, granted)
    return found is Meaning.BROKEN or (valid_row and found is Meaning.BROKEN_FOR_ROW)
