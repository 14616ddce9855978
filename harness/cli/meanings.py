"""What ids mean that no docstring explains: outcomes, exit codes, and rules that share a module."""

from __future__ import annotations

OUTCOMES = {
    "passed": "It is as the schema, its tests or the configuration say.",
    "failed": "It is not as the schema, its tests or the configuration say, and the evidence shows"
    " it. The run ends with exit code 1.",
    "error": "It could not be tried, so nothing is known. The run ends with exit code 2. The"
    " terminal shows it as 'could not run'.",
    "advice": "It is worth knowing, and nothing is broken. --strict turns all advice into failures;"
    ' fail_on = ["ID"] in [tool.harness] turns the advice that you name into failures.',
    "undecided": "The harness could not show it either way; the report gives the reason. It is"
    " neither a pass nor a failure. --strict turns it into a failure.",
    "skipped": "It was not tried; the report gives the reason.",
    "todo": "It fails, as expected: a TODO directive, or allow in the configuration, says so.",
    "todo passed": "It passes, although a TODO directive says that it fails. Remove the directive.",
}
"""Outcome -> what it means."""

EXIT_CODES = {
    "0": "Passed: nothing failed, and everything could be tried.",
    "1": "Failed: at least one result failed, or there was nothing to run.",
    "2": "Could not run: at least one thing could not be tried, an option or the configuration is"
    " wrong, or the run was interrupted. Nothing is known of what was not tried.",
}
"""Exit code -> what it means; of several the highest counts."""

MIGRATIONS = {
    "up": "The migration fails. Later migrations are not run.",
    "half-applied": "The migration fails, and the catalog keeps a part of its changes. Run it in a"
    " transaction.",
    "down": "The down migration fails.",
    "down-leaves": "After up and down, the schema differs from the one before: an object was added,"
    " is missing, or has another definition.",
    "up-again": "After the down migration, the migration fails or makes another schema than the"
    " first time.",
    "at-once": "The migrations make one schema when they are applied one by one, and another when"
    " the tool applies all of them.",
    "up-on-rows": "The migration fails on tables with rows, whatever the rows are. Examples are ADD"
    " COLUMN ... NOT NULL without a default, and a backfill that misses rows.",
    "down-on-rows": "The down migration works on empty tables only.",
    "down-differs": "After up and down, something differs that PostgreSQL cannot restore, such as"
    " the order of columns, or that does no harm.",
    "depends-on-data": "The migration fails on some rows and applies on others. Try it on a copy of"
    " production's data.",
    "twice": "Applied a second time, the migration succeeds and changes more, or it fails and the"
    " catalog keeps a part of its changes.",
}
"""Rule of ``harness migrations`` that its passes find -> what it means."""

LINT = {
    "HB00": "The schema does not apply, so function bodies were not checked.",
    "HB01": "A function body names a table, column or function that does not exist.",
    "HB02": "PostgreSQL would not create the function again as it is.",
    "HB03": "A variable of a function hides another one.",
    "HB04": "A function body could not be checked; the report gives the reason.",
    "HL01": "An allow comment has no rule or no reason.",
    "HL02": "An allow comment accepts nothing. Remove it.",
    "HL03": "A migration tells psql to go on after an error.",
    "HL04": "A file has assertions and no plan.",
    "HL05": "A file has a second plan.",
    "HL06": "The plan has a number of assertions that the file cannot reach.",
    "HL07": "Two migrations have the same version.",
    "HL08": "A migration has no down migration, although most have one.",
    "HL09": "An assertion reads the name of a schema as that of a table: pgTAP reads three plain"
    " strings as table, column and description.",
}
"""Rule of the linter ``harness`` -> what it means."""

ACCESS = {
    "raises": "A policy raises an error instead of deciding, such as 22P02 for a claim that is no"
    " uuid.",
    "nobody-sees": "A session that does not say who its user is sees rows that an identified user"
    " does not see.",
    "nobody-writes": "A session that does not say who its user is writes to a table in which that"
    " matters.",
    "reaches-anothers": "A write reaches rows that only others see.",
    "gives-away": "A user gives a row away, or adds one in the name of others.",
    "takes": "An UPDATE takes rows that the user could not change otherwise.",
    "tenant": "A user reads or writes rows of a tenant to which it does not belong. The setting"
    " `tenant` names the column that says whose a row is.",
    "column-grant": "A role has a privilege on some columns, and the same privilege on the whole"
    " table. So the other columns are open, too.",
    "bypass-view": "A view, materialized view, partition or child shows more than the protected"
    " table.",
    "bypass-column": "A view shows a column that its reader may not read in the table.",
    "bypass-function": "A SECURITY DEFINER function shows or changes rows whose keys it is given.",
    "bypass-membership": "A user makes itself a member of something, or changes a row that says"
    " what it may do, and then sees rows of others.",
}
"""Rule of ``harness access`` -> what it means."""

MUTANTS = {
    "column": "Changes NOT NULL, the default, type, length, precision, collation or generated"
    " expression of a column.",
    "sequence": "Changes the start, increment, minimum, maximum, cycle or cache of a sequence;"
    " drops an identity, or changes ALWAYS to BY DEFAULT and back.",
    "primary key": "Drops a key; adds, removes or exchanges a column of it; makes it deferred; adds"
    " a key where there is none.",
    "unique": "Drops a key; adds, removes or exchanges a column of it; changes NULLS NOT DISTINCT;"
    " makes it deferred; adds a key where there is none.",
    "foreign key": "Drops a foreign key; changes its columns, its target or an action; makes it"
    " deferred, MATCH FULL, NOT VALID or NOT ENFORCED.",
    "check": "Drops a CHECK; changes a comparison, AND or OR, arithmetic, a constant, a NULL test,"
    " an element of a list or an operand. CHECKs of domains are changed, too.",
    "exclude": "Drops an exclusion constraint; changes an element, operator or predicate; makes it"
    " deferred.",
    "index": "Changes uniqueness, columns or the predicate of an index. A change that only affects"
    " speed is not in the score.",
    "trigger": "Drops or disables a trigger; changes its timing, level, events, columns, WHEN or"
    " order.",
    "function": "Changes a statement, condition, RETURN, exception handler, comparison or constant"
    " of a function; changes its volatility, STRICT, SECURITY or settings.",
    "view": "Changes WHERE, a join, a column or a condition of a view; changes security_invoker or"
    " CHECK OPTION.",
    "policy": "Switches row level security off or on, or FORCE; drops a policy; changes its roles,"
    " command, USING, WITH CHECK, or PERMISSIVE.",
    "grant": "Revokes a privilege; opens a table to PUBLIC; changes default privileges.",
    "enum": "Adds or removes a label, or changes the order of labels.",
    "partition": "Detaches a partition, changes its bounds, or adds a default partition.",
}
"""Kind of mutant -> what is changed."""
