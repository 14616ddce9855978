"""What ids mean that no docstring explains: outcomes, exit codes, and rules that share a module."""

from __future__ import annotations

OUTCOMES = {
    "passed": "It is as the schema, its tests or the configuration say.",
    "failed": "It is not as the schema, its tests or the configuration say, and the evidence shows"
    " it. The run ends with exit code 1.",
    "error": "It could not be tried, so nothing is known. The run ends with exit code 2. In the"
    " terminal it is called 'could not run'.",
    "advice": "It is true and worth knowing, and breaks nothing. --strict makes failures of all"
    ' advice, fail_on = ["ID"] in [tool.harness] of some.',
    "undecided": "Nothing could be shown either way, for the reason that is given. It is neither a"
    " pass nor a failure; --strict makes a failure of it.",
    "skipped": "It was not tried, for the reason that is given.",
    "todo": "It fails, as expected: a TODO directive says so, or allow in the configuration.",
    "todo passed": "It passes although it is expected to fail. The directive can go.",
}
"""Outcome -> what it means."""

EXIT_CODES = {
    "0": "Passed: nothing failed, and everything could be tried.",
    "1": "Failed: at least one result failed.",
    "2": "Could not run: at least one thing could not be tried, an option or the configuration is"
    " wrong, or the run was interrupted. Nothing is known of what was not tried.",
}
"""Exit code -> what it means; of several the highest counts."""

MIGRATIONS = {
    "up": "The migration fails. Those after it are not run.",
    "half-applied": "The migration fails and leaves a part of it in the catalog. Run it in a"
    " transaction.",
    "down": "The way down fails.",
    "down-leaves": "After up and down an object is there that was not, is missing, or is another.",
    "up-again": "After the way down, the migration fails or gives another schema.",
    "at-once": "One by one, the migrations give another schema than the tool gives when it applies"
    " all of them.",
    "up-on-rows": "The migration fails on tables with rows, whatever the rows are: ADD COLUMN ..."
    " NOT NULL without a default, or a backfill that misses rows.",
    "down-on-rows": "The way down works on empty tables only.",
    "down-differs": "After up and down something differs that PostgreSQL cannot put back, such as"
    " the order of columns, or that misleads nobody.",
    "depends-on-data": "The migration fails where rows do not fit what it does, and applies where"
    " they do. Only the data in production can tell.",
    "twice": "Applied a second time, the migration succeeds and changes more, or fails and leaves a"
    " part of it.",
}
"""Rule of ``harness migrations`` that its passes find -> what it means."""

LINT = {
    "HB00": "The schema does not apply, so function bodies were not looked at.",
    "HB01": "A name in a function's body does not exist: a table, a column, a function.",
    "HB02": "PostgreSQL would not create the function again as it is.",
    "HB03": "A variable of a function hides another one.",
    "HB04": "A function's body was not looked into, for the reason that is given.",
    "HL01": "An allow comment has no rule or no reason.",
    "HL02": "An allow comment accepts nothing. It can go.",
    "HL03": "A migration tells psql to go on after an error.",
    "HL04": "Assertions stand in a file without a plan.",
    "HL05": "A file has a second plan.",
    "HL06": "The planned number of assertions is one that the file cannot meet.",
    "HL07": "Two migrations have the same version.",
    "HL08": "A migration has no way down, where most have one.",
    "HL09": "An assertion reads a schema as a table: pgTAP reads three plain strings as table,"
    " column and description.",
}
"""Rule of the linter ``harness`` -> what it means."""

ACCESS = {
    "raises": "A policy raises an error instead of deciding, such as 22P02 for a claim that is no"
    " uuid.",
    "nobody-sees": "A session that says nothing of itself sees rows that somebody who says who it"
    " is does not.",
    "nobody-writes": "A session that says nothing of itself can write where it matters who one is.",
    "reaches-anothers": "A write reaches rows that only others can see.",
    "gives-away": "A row can be given to others, or added in their name.",
    "takes": "An UPDATE takes rows that it could not change otherwise.",
    "tenant": "Somebody reads or writes rows of a tenant that they do not belong to, by the column"
    " that `tenant` names.",
    "column-grant": "A grant on the table opens the columns that a grant on columns leaves out.",
    "way-round-view": "A view, materialized view, partition or child shows more than the protected"
    " table.",
    "way-round-column": "A view shows a column that its reader may not read in the table.",
    "way-round-function": "A SECURITY DEFINER function shows or changes rows whose keys it is"
    " given.",
    "way-round-membership": "An identity can make itself a member of something, and then sees"
    " more.",
}
"""Rule of ``harness access`` -> what it means."""

MUTANTS = {
    "column": "NOT NULL, default, type, length, precision, collation, generated expression.",
    "sequence": "Start, increment, minimum, maximum, cycle, cache; identity dropped, ALWAYS or BY"
    " DEFAULT.",
    "primary key": "Dropped, a column added, removed or exchanged, deferred; added where there is"
    " none.",
    "unique": "Dropped, a column added, removed or exchanged, NULLS NOT DISTINCT, deferred; added"
    " where there is none.",
    "foreign key": "Dropped, other columns, another target, each action, deferred, MATCH FULL, NOT"
    " VALID, NOT ENFORCED.",
    "check": "Dropped; comparison, connective, arithmetic, constant, NULL test, element of a list,"
    " operand. Those of domains, too.",
    "exclude": "Dropped, element, operator, predicate, deferred.",
    "index": "Uniqueness, columns, predicate. What only changes speed is not in the score.",
    "trigger": "Dropped, switched off, timing, level, events, columns, WHEN, order.",
    "function": "Statements, conditions, RETURN, handlers, comparisons, constants; volatility,"
    " STRICT, SECURITY, settings.",
    "view": "WHERE, joins, columns, conditions, security_invoker, CHECK OPTION.",
    "policy": "Row level security off or on, FORCE, policy dropped, roles, command, USING, WITH"
    " CHECK, permissive.",
    "grant": "Each privilege revoked, each table open to PUBLIC, default privileges.",
    "enum": "A label added, a label removed, their order.",
    "partition": "Detached, bounds, a default.",
}
"""Kind of mutant -> what is changed."""
