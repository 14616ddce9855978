"""What a migration must survive: each finding, found and not found, on a real server."""

from __future__ import annotations

import pytest

from tests.migrations import Together, Try, rules, together, tried

__all__ = ["together", "tried"]

A = ("1_a", "CREATE TABLE a (id int PRIMARY KEY, name text);\n", "DROP TABLE a;\n")


def test_a_sound_migration_passes_and_says_what_was_seen(tried: Try):
    first, second = tried(
        A, ("2_b", "ALTER TABLE a ADD b int;\n", "ALTER TABLE a DROP b;\n"), many=50
    )
    assert first.passed
    assert second.passed
    assert "up, down, up" in first.evidence
    assert "down leaves 11 objects as before" in second.evidence
    assert "on 3 rows in 1 table" in second.evidence
    assert "down keeps them" in second.evidence
    assert "twice: refused (42701)" in second.evidence
    assert "one by one gives the same as all at once" in second.evidence
    assert any(text.startswith("a second session waited") for text in second.evidence)


# --- the catalog ---------------------------------------------------------------------------


def test_what_a_down_leaves_is_named(tried: Try):
    (revision,) = tried(("1_a", A[1] + "CREATE TABLE forgotten (i int);\n", A[2]))
    assert rules(revision) == ["down-leaves"]
    assert revision.findings[0].path.name == "1_a.down.sql"
    assert "+ public.forgotten" in revision.findings[0].message


def test_after_a_down_that_leaves_something_the_next_revisions_are_still_tried(tried: Try):
    _, second, third = tried(
        ("1_a", A[1] + "CREATE TABLE forgotten (i int);\n", A[2]),
        ("2_b", "ALTER TABLE a ADD b int;\n", "ALTER TABLE a DROP b;\n"),
        ("3_c", "CREATE TABLE c (i int); CREATE TABLE d (i int);\n", "DROP TABLE c;\n"),
    )
    assert second.passed
    assert rules(third) == ["down-leaves"]


COUNTER = ("1_s", "CREATE SEQUENCE s;\n", "DROP SEQUENCE s;\n")
NUMBERED = (
    "2_t",
    "DO $$ BEGIN EXECUTE format('CREATE TABLE t_%s ()', nextval('s')); END $$;\n",
    "DO $$ DECLARE t regclass; BEGIN SELECT oid INTO t FROM pg_class WHERE relname ~ '^t_';"
    " EXECUTE format('DROP TABLE %s', t); END $$;\n",
)


def test_a_second_up_that_gives_another_schema_is_found_in_the_last_revision(tried: Try):
    _, revision = tried(COUNTER, NUMBERED)
    assert "up-again" in rules(revision)
    message = next(one.message for one in revision.findings if one.code == "up-again")
    assert "+ public.t_2" in message
    assert "- public.t_1" in message
    assert "up, down, up" not in revision.evidence


def test_and_in_one_that_others_follow(tried: Try):
    _, revision, after = tried(
        COUNTER, NUMBERED, ("3_c", "CREATE TABLE c ();\n", "DROP TABLE c;\n")
    )
    assert "up-again" in rules(revision)
    assert "up-again" not in rules(after)


def test_one_by_one_that_gives_another_schema_than_all_at_once(tried: Try):
    counting = ("2_n", "SELECT nextval('s');\n", "SELECT 1;\n")
    revision = tried(COUNTER, counting, ("3_t", NUMBERED[1], None))[-1]
    assert "at-once" in rules(revision)
    assert "+ public.t_2" in revision.findings[0].message


def test_a_revision_that_does_not_apply_ends_it_and_the_others_are_not_run(tried: Try):
    first, second, third = tried(A, ("2_b", "SELECT 1;\nSELECT nonsense;\n", ""), ("3_c", "", ""))
    assert first.passed
    assert rules(second) == ["up"]
    assert second.findings[0].line == 2
    assert "42703" in second.findings[0].message
    assert not third.ran
    assert not third.passed


def test_a_failing_migration_with_transactions_of_its_own_leaves_a_half(tried: Try):
    (revision,) = tried(("1_a", "BEGIN;\nCREATE TABLE half ();\nCOMMIT;\nSELECT 1 / 0;\n", None))
    assert rules(revision) == ["up", "half-applied"]
    assert "+ public.half" in revision.findings[1].message


def test_a_down_that_fails_is_found_once(tried: Try):
    (revision,) = tried(("1_a", A[1], "DROP TABLE b;\n"))
    assert rules(revision) == ["down"]
    assert revision.findings[0].path.name == "1_a.down.sql"


def test_a_revision_without_a_down_is_reported_and_refused_where_that_is_asked(tried: Try):
    (revision,) = tried(("1_a", A[1], None))
    assert revision.passed
    assert not revision.reversible
    (revision,) = tried(("1_a", A[1], None), reversible=True)
    assert rules(revision) == ["irreversible"]


# --- rows ----------------------------------------------------------------------------------


def test_an_up_that_fails_on_rows_is_failed_with_the_servers_words(tried: Try):
    down = "ALTER TABLE a DROP b;\n"
    _, revision, after = tried(
        A,
        ("2_b", "SELECT 1;\nALTER TABLE a ADD b int NOT NULL;\n", down),
        ("3_c", "ALTER TABLE a ADD c int NOT NULL;\n", "ALTER TABLE a DROP c;\n"),
    )
    assert rules(revision) == ["up-on-rows"]
    assert revision.findings[0].line == 2
    assert "23502" in revision.findings[0].message
    assert rules(after) == ["up-on-rows"], "there are rows again for the next revision"
    _, revision, _ = tried(A, ("2_b", "ALTER TABLE a ADD b int NOT NULL DEFAULT 0;\n", down))
    assert revision.passed


def test_a_down_that_loses_values_is_found_and_one_that_keeps_them_is_not(tried: Try):
    _, revision = tried(
        A, ("2_b", "ALTER TABLE a DROP name;\n", "ALTER TABLE a ADD name text;\n"), rows=3
    )
    assert rules(revision) == ["loses-data"]
    assert "public.a: values of name gone" in revision.findings[0].message
    _, revision = tried(
        A,
        (
            "2_b",
            "CREATE TABLE names AS SELECT id, name FROM a;\nALTER TABLE a DROP name;\n",
            "ALTER TABLE a ADD name text;\n"
            "UPDATE a SET name = names.name FROM names WHERE names.id = a.id;\nDROP TABLE names;\n",
        ),
    )
    assert "loses-data" not in rules(revision)


def test_a_down_that_takes_rows_of_a_table_that_was_there_is_found(tried: Try):
    insert = "INSERT INTO a SELECT max(id) + 1, 'x' FROM a HAVING max(id) < 2147483647;\n"
    _, revision = tried(A, ("2_b", insert, "DELETE FROM a;\n"))
    assert "down-loses-data" in rules(revision)
    assert "3 of 3 rows gone" in revision.findings[0].message


def test_a_second_up_that_fails_for_the_rows_that_a_down_left(tried: Try):
    kept = ("1_a", "CREATE TABLE a (id int PRIMARY KEY);\nCREATE TABLE b (id int);\n", None)
    up = "ALTER TABLE b ADD x int UNIQUE;\nUPDATE b SET x = 1 WHERE id = (SELECT min(id) FROM b);\n"
    up += "INSERT INTO a SELECT -77 FROM b LIMIT 1;\n"
    _, revision = tried(kept, ("2_b", up, "ALTER TABLE b DROP x;\n"))
    assert "up-again" in rules(revision)
    assert "23505" in next(one.message for one in revision.findings if one.code == "up-again")


def test_a_down_that_fails_on_rows_only(tried: Try):
    first = ("1_a", "CREATE TABLE a (id int PRIMARY KEY, x int NOT NULL);\n", "DROP TABLE a;\n")
    _, revision = tried(
        first, ("2_b", "ALTER TABLE a DROP x;\n", "ALTER TABLE a ADD x int NOT NULL;\n")
    )
    assert rules(revision) == ["down-on-rows"]


def test_partitions_have_rows_and_a_table_without_is_said(tried: Try):
    _, revision = tried(
        (
            "1_a",
            "CREATE TABLE p (i int, j int) PARTITION BY LIST (i);\n"
            "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1, 2);\n"
            "CREATE TABLE never (i int CHECK (i IS NOT NULL AND i <> i));\n",
            "DROP TABLE p, never;\n",
        ),
        ("2_b", "ALTER TABLE p ALTER j SET NOT NULL;\n", "ALTER TABLE p ALTER j DROP NOT NULL;\n"),
    )
    assert revision.notes
    assert revision.notes[0].startswith("public.never: no rows")
    assert any("1 table" in text for text in revision.evidence)


# --- twice ---------------------------------------------------------------------------------


HARMLESS = {
    "CREATE TABLE IF NOT EXISTS b (i int);\n": "twice: harmless",
    "CREATE OR REPLACE VIEW b AS SELECT 1 AS i;\n": "twice: harmless",
    "CREATE TABLE b (i int);\n": "twice: refused (42P07)",
}
CHANGING = [
    ("ALTER TABLE a ADD CHECK (id IS NOT NULL) NOT VALID;\n", "a_id_check1"),
    ("CREATE TABLE IF NOT EXISTS n (i int);\nINSERT INTO n VALUES (1);\n", "rows of {}.n"),
    (
        "CREATE TABLE IF NOT EXISTS n (i int);\nBEGIN;\nINSERT INTO n VALUES (1);\nCOMMIT;\n"
        "CREATE TABLE m (i int);\n",
        "is refused and leaves a part of it",
    ),
    ("ALTER TABLE a ADD CHECK (id IS NOT NULL) NOT VALID;\n", "changes more"),
    (
        "BEGIN;\nALTER TABLE a ADD CHECK (id IS NOT NULL) NOT VALID;\nCOMMIT;\n"
        "CREATE TABLE m (i int);\n",
        "is refused and leaves a part of it",
    ),
]
TWICE = tuple((up, None) for up in (*HARMLESS, *(up for up, _ in CHANGING)))


@pytest.mark.parametrize(("up", "said"), HARMLESS.items())
def test_a_second_application_that_is_refused_or_harmless(together: Together, up: str, said: str):
    _, revision = together(A[1], TWICE, many=20)[up, None]
    assert revision.passed
    assert said in revision.evidence


@pytest.mark.parametrize(("up", "words"), CHANGING)
def test_a_second_application_that_changes_something_is_found(
    together: Together, up: str, words: str
):
    schema, revision = together(A[1], TWICE, many=20)[up, None]
    assert rules(revision) == ["twice"]
    assert words.format(schema) in revision.findings[0].message


# --- what is accepted ----------------------------------------------------------------------

SCAN = "ALTER TABLE a ADD CONSTRAINT c CHECK (id > -3000000000);\n"
UNSCAN = "ALTER TABLE a DROP CONSTRAINT c;\n"


def test_a_comment_at_the_statement_accepts_a_finding_with_its_reason(tried: Try):
    comment = "-- harness: allow migrations:scan the table is small\n"
    _, revision = tried(A, ("2_b", comment + SCAN, UNSCAN))
    assert revision.passed
    assert [(one.code, why) for one, why in revision.accepted] == [("scan", "the table is small")]
    _, revision = tried(A, ("2_b", f"{comment}SELECT 1;\n{SCAN}", UNSCAN))
    assert rules(revision) == ["scan"], "it stands at another statement"


def test_the_configuration_accepts_by_revision_and_rule(tried: Try):
    migrations = (A, ("2_b", SCAN, UNSCAN))
    assert rules(tried(*migrations, allow={"2_*::scan": "old"})[1]) == []
    assert rules(tried(*migrations, allow={"3_*::scan": "old"})[1]) == ["scan"]


def test_a_role_that_a_migration_creates_is_created_in_each_pass_anew(tried: Try):
    (revision,) = tried(("1_role", "CREATE ROLE reader_of_mine;", "DROP ROLE reader_of_mine;"))
    assert revision.passed, revision.findings
    assert "up, down, up" in revision.evidence


def test_rows_that_were_multiplied_leave_numbers_to_the_migration(tried: Try):
    table = "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n text);"
    revisions = tried(
        ("1_t", table, "DROP TABLE t;"),
        ("2_n", "UPDATE t SET n = n; INSERT INTO t (n) VALUES ('new');", "DELETE FROM t;"),
    )
    assert "up-again" not in rules(revisions[1]), revisions[1].findings


def test_what_a_down_leaves_is_not_said_again_of_a_second_application(tried: Try):
    revisions = tried(
        ("1_v", "CREATE VIEW v AS SELECT 1 AS a;", "DROP VIEW v;"),
        (
            "2_default",
            "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO public;",
            "ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM public;",
        ),
        (
            "3_v",
            "CREATE OR REPLACE VIEW v AS SELECT 1 AS a, 2 AS b;",
            "DROP VIEW v; CREATE VIEW v AS SELECT 1 AS a;",
        ),
    )
    assert rules(revisions[2]) == ["down-leaves"]


# --- what a down migration cannot restore, and what it should have ------------------------------

T = ("1_t", "CREATE TABLE t (a int PRIMARY KEY, b int DEFAULT 1, c text);\n", "DROP TABLE t;\n")


MISLEADING = (
    ("ALTER TABLE t DROP b;", "ALTER TABLE t ADD b int DEFAULT 1;"),
    ("ALTER TABLE t DROP b;", "ALTER TABLE t ADD b int;"),
    ("ALTER TABLE t ALTER b SET DEFAULT 2;", "ALTER TABLE t ALTER b DROP DEFAULT;"),
    ("COMMENT ON COLUMN t.b IS 'x';", "SELECT 1;"),
    ("ALTER TABLE t DROP b, DROP c;", "ALTER TABLE t ADD c text, ADD b int DEFAULT 1;"),
)
ELSE = (
    ("ALTER TABLE t DROP b;", "ALTER TABLE t ADD b bigint DEFAULT 1;"),
    ("ALTER TABLE t DROP b;", "ALTER TABLE t ADD b int, ADD b2 int;"),
    ("ALTER TABLE t ALTER b SET NOT NULL;", "ALTER TABLE t ALTER b SET DEFAULT 2;"),
    ("COMMENT ON COLUMN t.b IS 'x'; CREATE INDEX i ON t (b);", "COMMENT ON TABLE t IS 'x';"),
)


NOTHING = "SELECT 1;\n"
DROPPED = ("ALTER TABLE t DROP c;\n", NOTHING)
ADDING = ("ALTER TABLE t DROP c; CREATE TABLE u ();\n", NOTHING)
MOVED = "ALTER TABLE t ADD b int;\n"
"""The column is the last then."""
AGAIN = (
    "ALTER TABLE t DROP b;\nCREATE TABLE IF NOT EXISTS k AS SELECT 1 AS i;\n",
    "ALTER TABLE t ADD b int DEFAULT 1;\nDROP TABLE k;\n",
)
ONCE = (
    "DO $$ BEGIN IF (SELECT attnum FROM pg_attribute WHERE attrelid = 't'::regclass"
    " AND attname = 'b') > 2 THEN RAISE 'moved'; END IF; END $$;\nALTER TABLE t DROP b;\n",
    MOVED,
)
SEED = "INSERT INTO t (a) VALUES (70001);\n"
LEFT = (SEED, NOTHING)
LEFT_WITH_MORE = (f"ALTER TABLE t ADD d int;\n{SEED}", "ALTER TABLE t DROP d;\n")
TAKEN_BACK = (SEED, "DELETE FROM t WHERE a = 70001;\n")
DOWNS = (*MISLEADING, *ELSE, DROPPED, ADDING, AGAIN, ONCE, LEFT, LEFT_WITH_MORE, TAKEN_BACK)


@pytest.mark.parametrize(("up", "down"), MISLEADING)
def test_what_mislead_nobody_after_a_down_is_advice(together: Together, up: str, down: str):
    _, revision = together(T[1], DOWNS)[up, down]
    assert revision.passed, revision.findings
    assert "down-differs" in rules(revision)


@pytest.mark.parametrize(("up", "down"), ELSE)
def test_and_its_twin_that_restores_something_else_fails(together: Together, up: str, down: str):
    _, revision = together(T[1], DOWNS)[up, down]
    assert not revision.passed
    assert "down-leaves" in [one.code for one in revision.faults]


MOOD = ("1_e", "CREATE TYPE mood AS ENUM ('a', 'b');\n", "DROP TYPE mood;\n")


def test_an_enums_value_cannot_be_taken_away_and_a_type_can(tried: Try):
    _, revision = tried(MOOD, ("2_v", "ALTER TYPE mood ADD VALUE 'c';\n", "SELECT 1;\n"))
    assert revision.passed, revision.findings
    add = "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'c';\n"
    _, revision = tried(MOOD, ("2_v", add, "SELECT 1;\n"))
    assert revision.passed, revision.findings
    index = ("1_e", MOOD[1] + "CREATE TABLE m (m mood);\n", "DROP TABLE m;\nDROP TYPE mood;\n")
    up = "ALTER TYPE mood ADD VALUE 'c';\nCREATE INDEX i ON m (m);\n"
    _, revision = tried(index, ("2_v", up, "DROP INDEX i;\n"))
    assert revision.passed, revision.findings
    _, revision = tried(MOOD, ("2_v", add + "CREATE TYPE more AS ENUM ();\n", "SELECT 1;\n"))
    assert "down-leaves" in [one.code for one in revision.faults]


def test_a_down_that_undoes_nothing_is_none_where_nothing_new_stays(tried: Try, together: Together):
    _, revision = together(T[1], DOWNS)[DROPPED]
    assert revision.passed, revision.findings
    _, revision = tried(T, ("2_x", *DROPPED), reversible=True)
    assert "irreversible" in [one.code for one in revision.faults]
    _, revision = together(T[1], DOWNS)[ADDING]
    assert "down-leaves" in [one.code for one in revision.faults]


def test_a_second_up_is_tried_after_a_down_that_moved_a_column(together: Together):
    _, revision = together(T[1], DOWNS)[AGAIN]
    assert revision.passed, revision.findings
    _, revision = together(T[1], DOWNS)[ONCE]
    assert "up-again" in [one.code for one in revision.faults]


# --- what a down migration loses, and what the up has taken before ------------------------------


TAKEN_UP = (
    ("ALTER TABLE t DROP c;", "ALTER TABLE t ADD c text;"),
    ("UPDATE t SET c = upper(c) || '!';", "SELECT 1;"),
    ("DELETE FROM t;", "SELECT 1;"),
    ("DROP TABLE t;", "CREATE TABLE t (a int PRIMARY KEY, b int DEFAULT 1, c text);"),
)
TAKEN_DOWN = (
    ("ALTER TABLE t RENAME c TO d;", "ALTER TABLE t DROP d, ADD c text;"),
    ("SELECT 1;", "DELETE FROM t;"),
    ("SELECT 1;", "UPDATE t SET c = NULL;"),
    (
        "ALTER TABLE t RENAME TO u;",
        "DROP TABLE u; CREATE TABLE t (a int PRIMARY KEY, b int DEFAULT 1, c text);",
    ),
)
KEPT = (
    ("ALTER TABLE t RENAME c TO d;", "ALTER TABLE t RENAME d TO c;"),
    ("ALTER TABLE t RENAME TO u;", "ALTER TABLE u RENAME TO t;"),
    ("INSERT INTO t VALUES (77777, 1, 'mine');", "DELETE FROM t WHERE a = 77777;"),
)
LOSING = (*TAKEN_UP, *TAKEN_DOWN, *KEPT)


@pytest.mark.parametrize(("up", "down"), TAKEN_UP)
def test_what_the_up_takes_away_is_advice(together: Together, up: str, down: str):
    _, revision = together(T[1], LOSING, rows=3)[up, down]
    assert revision.passed, revision.findings
    assert "loses-data" in rules(revision)


@pytest.mark.parametrize(("up", "down"), TAKEN_DOWN)
def test_what_the_down_takes_away_is_its_fault(together: Together, up: str, down: str):
    _, revision = together(T[1], LOSING, rows=3)[up, down]
    assert "down-loses-data" in [one.code for one in revision.faults], rules(revision)


@pytest.mark.parametrize(("up", "down"), KEPT)
def test_and_its_twin_keeps_them(together: Together, up: str, down: str):
    _, revision = together(T[1], LOSING, rows=3)[up, down]
    assert revision.passed, revision.findings
    assert "loses-data" not in rules(revision)


def test_rows_that_a_down_leaves_are_a_fault_where_it_undoes_something(together: Together):
    _, revision = together(T[1], DOWNS)[LEFT]
    assert revision.passed, revision.findings
    assert "down-differs" in rules(revision)
    _, revision = together(T[1], DOWNS)[LEFT_WITH_MORE]
    assert "up-again" in [one.code for one in revision.faults]
    _, revision = together(T[1], DOWNS)[TAKEN_BACK]
    assert revision.passed, revision.findings
    assert "down-differs" not in rules(revision)
