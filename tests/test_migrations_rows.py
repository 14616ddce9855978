"""Rows that we made are held against nobody: what depends on data is advice, what no row passes
a failure."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.migrations import Limits
from harness.postgres.cluster import Cluster
from tests.migrations import Try, rules, run, tried

__all__ = ["tried"]

BASE = (
    "1_base",
    "CREATE TABLE users (id int PRIMARY KEY, email text, role text, age text, born text);\n"
    "CREATE TABLE posts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id int NOT NULL,"
    " writer int NOT NULL, slug text, body text NOT NULL, kind text, price text);\n",
    "DROP TABLE posts, users;\n",
)


@pytest.mark.parametrize(
    ("up", "down"),
    [
        ("ALTER TABLE posts ADD FOREIGN KEY (user_id) REFERENCES users;", "user_id_fkey"),
        ("ALTER TABLE posts ADD FOREIGN KEY (writer) REFERENCES users;", "writer_fkey"),
        ("ALTER TABLE posts ADD CONSTRAINT posts_c UNIQUE (slug);", "c"),
        ("ALTER TABLE posts ADD CONSTRAINT posts_c UNIQUE (user_id);", "c"),
        ("ALTER TABLE posts ADD CONSTRAINT posts_c CHECK (kind IN ('news', 'blog'));", "c"),
        ("ALTER TABLE posts ADD CONSTRAINT posts_c CHECK (price ~ '^[0-9]{3}$');", "c"),
        ("ALTER TABLE posts ADD CONSTRAINT posts_c CHECK (length(body) BETWEEN 3 AND 9);", "c"),
    ],
)
def test_a_constraint_on_columns_that_are_there_is_no_failure(tried: Try, up: str, down: str):
    undo = f"ALTER TABLE posts DROP CONSTRAINT posts_{down};\n"
    _, revision = tried(BASE, ("2_c", up, undo), many=60)
    assert revision.passed, revision.findings
    assert "loses-data" not in rules(revision)
    _, revision = tried(BASE, ("2_c", up, None), many=60)
    assert revision.passed, revision.findings


@pytest.mark.parametrize(
    "up",
    [
        "ALTER TABLE users ALTER age TYPE int USING age::int;",
        "ALTER TABLE users ALTER born TYPE date USING born::date;",
        "ALTER TABLE users ALTER born TYPE timestamptz USING nullif(trim(born), '')::timestamptz;",
        "CREATE TYPE role AS ENUM ('admin', 'member');\n"
        "ALTER TABLE users ALTER role TYPE role USING role::role;",
        "ALTER TABLE posts ALTER body TYPE jsonb USING body::jsonb;",
        "ALTER TABLE posts ALTER body TYPE varchar(5);",
        "ALTER TABLE posts ALTER slug SET NOT NULL;",
        "ALTER TABLE posts ADD cents int; UPDATE posts SET cents = price::numeric * 100;",
        "CREATE TABLE kinds (kind text PRIMARY KEY); INSERT INTO kinds VALUES ('news'), ('blog');\n"
        "ALTER TABLE posts ADD FOREIGN KEY (kind) REFERENCES kinds;",
        "INSERT INTO users (id, email) VALUES (0, 'root'), (1, 'admin'), (-1, 'x');",
        "ALTER TABLE posts RENAME slug TO called; ALTER TABLE posts ALTER called SET NOT NULL;",
        "CREATE TABLE tags (id serial, kind text NOT NULL);\n"
        "INSERT INTO tags (kind) SELECT kind FROM posts;",
        "ALTER TABLE posts ADD total numeric(4, 2); UPDATE posts SET total = user_id * 40;",
        "ALTER TABLE posts ADD short varchar(3); UPDATE posts SET short = body;",
        "ALTER TABLE posts ADD j json; UPDATE posts SET j = body::json;",
        "ALTER TABLE posts ADD CONSTRAINT x EXCLUDE (slug WITH =);",
        "CREATE UNIQUE INDEX CONCURRENTLY i ON posts (user_id);",
        "ALTER TABLE users ADD boss int;\n"
        "ALTER TABLE users ADD FOREIGN KEY (boss) REFERENCES users;",
        "CREATE DOMAIN code AS text CHECK (VALUE ~ '^[A-Z]{3}$');\n"
        "ALTER TABLE posts ALTER kind TYPE code;",
        "ALTER TABLE posts ADD age int GENERATED ALWAYS AS (price::int) STORED;",
        "DO $$ BEGIN IF EXISTS (SELECT FROM posts WHERE kind NOT IN ('a', 'b')) THEN"
        " RAISE 'clean up first'; END IF; END $$;\n"
        "ALTER TABLE posts ADD CHECK (kind IN ('a', 'b'));",
    ],
)
def test_a_cast_or_a_literal_that_our_values_do_not_fit_is_no_failure(tried: Try, up: str):
    _, revision = tried(BASE, ("2_c", f"{up}\n", None), many=60)
    assert revision.passed, revision.findings


@pytest.mark.parametrize(
    "up",
    [
        "ALTER TABLE posts ADD n int NOT NULL;",
        "ALTER TABLE posts ADD n int; UPDATE posts SET n = 1 WHERE id < 0;"
        " ALTER TABLE posts ALTER n SET NOT NULL;",
        "ALTER TABLE posts ADD code text NOT NULL DEFAULT '' UNIQUE;",
        "ALTER TABLE posts ADD owner int NOT NULL DEFAULT -77 REFERENCES users;",
        "ALTER TABLE posts ADD n int DEFAULT 0 CHECK (n > 0);",
        "UPDATE posts SET slug = 'same'; CREATE UNIQUE INDEX ON posts (slug);",
        "UPDATE posts SET slug = NULL WHERE id < 0 OR slug <> ''; ALTER TABLE posts ALTER slug"
        " SET NOT NULL;",
        "ALTER TABLE posts ALTER body TYPE int USING ('x' || body)::int;",
        "UPDATE posts SET body = NULL;",
        "ALTER TABLE posts ALTER price TYPE int USING ('x' || price)::int;",
        "ALTER TABLE users ALTER age TYPE date USING (age || '-99')::date;",
        "ALTER TABLE posts RENAME slug TO called; ALTER TABLE posts ADD slug text NOT NULL;",
        "CREATE TABLE tags (id serial, kind text NOT NULL);\n"
        "INSERT INTO tags (kind) SELECT NULL FROM posts;",
        "ALTER TABLE posts ADD total numeric(4, 2); UPDATE posts SET total = id * 0 + 1000;",
        "ALTER TABLE posts ADD short varchar(3); UPDATE posts SET short = 'long' || body;",
        "ALTER TABLE posts ADD CONSTRAINT x EXCLUDE ((1) WITH =);",
        "ALTER TABLE posts ADD CHECK (body IS NULL);",
    ],
)
def test_what_no_row_passes_still_fails(tried: Try, up: str):
    _, revision = tried(BASE, ("2_c", f"{up}\n", None), many=60)
    assert [one.code for one in revision.faults] == ["up-on-rows"], rules(revision)


def test_a_backfill_of_an_earlier_revision_that_misses_rows_fails_and_its_twin_does_not(tried: Try):
    late = ("2_late", "ALTER TABLE posts ADD n int;\n", "ALTER TABLE posts DROP n;\n")
    required = ("4_n", "ALTER TABLE posts ALTER n SET NOT NULL;\n", None)
    some = "UPDATE posts SET n = 1 WHERE id = (SELECT min(id) FROM posts);\n"
    revision = tried(BASE, late, ("3_fill", some, None), required)[-1]
    assert "up-on-rows" in rules(revision)
    revision = tried(BASE, late, ("3_fill", "UPDATE posts SET n = 1;\n", None), required)[-1]
    assert revision.passed, revision.findings
    revision = tried(BASE, late, ("3_fill", "SELECT 1;\n", None), required)[-1]
    assert revision.passed, revision.findings
    assert "depends-on-data" in rules(revision)


CHOICES = (
    "1_base",
    "CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " open bool NOT NULL DEFAULT true,"
    " state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'paid')),"
    " lo timestamptz NOT NULL, hi timestamptz NOT NULL, CHECK (lo < hi));\n",
    "DROP TABLE orders;\n",
)


@pytest.mark.parametrize("condition", ["open", "state = 'new'"])
def test_a_backfill_of_the_rows_with_defaults_alone_misses_others(tried: Try, condition: str):
    fill = "ALTER TABLE orders ADD n int; UPDATE orders SET n = 1{};"
    fill += " ALTER TABLE orders ALTER n SET NOT NULL;\n"
    revision = tried(CHOICES, ("2_n", fill.format(f" WHERE {condition}"), None))[-1]
    assert [one.code for one in revision.faults] == ["up-on-rows"]
    assert tried(CHOICES, ("2_n", fill.format(""), None))[-1].passed


def test_a_backfill_from_a_column_misses_the_rows_that_have_no_value_there(tried: Try):
    notes = "CREATE TABLE notes (id bigserial PRIMARY KEY, note text, at timestamptz);\n"
    base = ("1_base", notes, "DROP TABLE notes;\n")
    fill = "ALTER TABLE notes ADD label text; UPDATE notes SET label = {};"
    fill += " ALTER TABLE notes ALTER label SET NOT NULL;\n"
    revision = tried(base, ("2_label", fill.format("note WHERE note IS NOT NULL"), None))[-1]
    assert [one.code for one in revision.faults] == ["up-on-rows"], revision.findings
    assert tried(base, ("2_label", fill.format("coalesce(note, '')"), None))[-1].passed


LISTED = (
    "1_base",
    "CREATE TYPE colour AS ENUM ('red', 'green', 'blue');\n"
    "CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'paid', 'void')),"
    " origin text NOT NULL DEFAULT 'web', colour colour NOT NULL DEFAULT 'red', slug text,"
    " kind text);\n"
    "CREATE TABLE logs (id int, level text NOT NULL CHECK (level IN ('info', 'warn', 'bad')),"
    " sent bool NOT NULL, flag text CHECK (flag IN ('on', 'off', 'unset')), plan text);\n",
    None,
)
BOOLEAN = "ALTER TABLE logs DROP CONSTRAINT logs_flag_check; ALTER TABLE logs ALTER flag TYPE bool"
BOOLEAN += " USING {};"
PARTS = (
    "CREATE TABLE parts (LIKE logs) PARTITION BY LIST (level);"
    "CREATE TABLE p1 PARTITION OF parts FOR VALUES IN ('info'{});"
    "CREATE TABLE p2 PARTITION OF parts FOR VALUES IN ('bad');"
    "INSERT INTO parts SELECT * FROM logs;"
)
PLANNED = "UPDATE logs SET plan = 'free' WHERE plan IS NULL{};"
PLANNED += " ALTER TABLE logs ALTER plan SET NOT NULL;"
ADDED = "ALTER TABLE orders ADD n int; UPDATE orders SET n = 1 WHERE n IS NULL{};"
ADDED += " ALTER TABLE orders ALTER n SET NOT NULL;"
FILLED = "UPDATE orders SET slug = 'x' WHERE slug IS NULL{};"
FILLED += " ALTER TABLE orders ALTER slug SET NOT NULL;"
CAST = "CREATE TYPE state AS ENUM ({}); ALTER TABLE orders DROP CONSTRAINT orders_state_check,"
CAST += " ALTER state DROP DEFAULT, ALTER state TYPE state USING state::state;"
RECAST = "CREATE TYPE shade AS ENUM ({}); ALTER TABLE orders ALTER colour DROP DEFAULT,"
RECAST += " ALTER colour TYPE shade USING colour::text::shade;"
LOOKUP = "CREATE TABLE states (state text PRIMARY KEY);"
LOOKUP += " INSERT INTO states VALUES ('new'), ('void'){}; ALTER TABLE orders DROP CONSTRAINT"
LOOKUP += " orders_state_check, ADD FOREIGN KEY (state) REFERENCES states;"


TOUCHED = (
    "1_base",
    "CREATE TABLE notes (id serial PRIMARY KEY, n int NOT NULL);\n"
    "CREATE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;\n"
    "CREATE TRIGGER kept BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION kept();\n",
    None,
)
OFF = "ALTER TABLE notes DISABLE TRIGGER kept;\n"


@pytest.mark.parametrize(
    ("rest", "faults"),
    [
        ("UPDATE public.notes SET n = n + 1;\n", ["left-disabled"]),
        ("UPDATE notes SET n = n + 1; ALTER TABLE notes ENABLE TRIGGER kept;\n", []),
        ("", []),
    ],
)
def test_a_trigger_that_is_disabled_for_a_backfill_is_enabled_again(
    tried: Try, rest: str, faults: list[str]
):
    revision = tried(TOUCHED, ("2_n", OFF + rest, None))[-1]
    assert [one.code for one in revision.faults] == faults, revision.findings


JOINED = (
    "1_base",
    "CREATE TABLE users (id int PRIMARY KEY, region text NOT NULL);\n"
    "CREATE TABLE posts (id serial PRIMARY KEY, writer int REFERENCES users);\n",
    None,
)
REGION = "ALTER TABLE posts ADD region text; UPDATE posts SET region = u.region FROM users AS u"
REGION += " WHERE u.id = posts.writer; {} ALTER TABLE posts ALTER region SET NOT NULL;\n"


def test_a_backfill_by_a_join_misses_the_rows_that_refer_to_nothing(tried: Try):
    revision = tried(JOINED, ("2_region", REGION.format(""), None))[-1]
    assert [one.code for one in revision.faults] == ["up-on-rows"], revision.findings
    rest = "UPDATE posts SET region = 'none' WHERE region IS NULL;"
    assert tried(JOINED, ("2_region", REGION.format(rest), None))[-1].passed


@pytest.mark.parametrize(
    ("up", "broken", "right"),
    [
        (ADDED, " AND state = 'new'", ""),
        (ADDED, " AND state IN ('new', 'void')", " AND state IN ('new', 'paid', 'void')"),
        (ADDED, " AND origin = 'web'", " AND origin IS NOT NULL"),
        (FILLED, " AND state = 'new'", " AND state <> ''"),
        (CAST, "'new', 'void'", "'new', 'paid', 'void'"),
        (RECAST, "'red', 'blue'", "'red', 'green', 'blue'"),
        (BOOLEAN, "flag::boolean", "flag = 'on'"),
        (PARTS, "", ", 'warn'"),
        (PLANNED, " AND sent", ""),
        (PLANNED, " AND level <> 'warn'", ""),
        (LOOKUP, "", ", ('paid')"),
    ],
)
def test_values_that_the_schema_lists_or_that_are_no_default_are_met(
    tried: Try, up: str, broken: str, right: str
):
    revision = tried(LISTED, ("2_n", up.format(broken) + "\n", None))[-1]
    assert "up-on-rows" in rules(revision), rules(revision)
    revision = tried(LISTED, ("2_n", up.format(right) + "\n", None))[-1]
    assert revision.passed, revision.findings
    assert "depends-on-data" not in rules(revision)


def test_what_no_migration_fills_and_nothing_lists_depends_on_data(tried: Try):
    cast = "CREATE TYPE kind AS ENUM ('a', 'b'); ALTER TABLE orders ALTER kind TYPE kind"
    revision = tried(LISTED, ("2_n", f"{cast} USING kind::kind;\n", None))[-1]
    assert revision.passed, revision.findings
    other = "UPDATE orders SET kind = 'a'; ALTER TABLE orders ALTER slug SET NOT NULL;\n"
    assert tried(LISTED, ("2_n", other, None))[-1].passed


def test_ranges_that_are_made_of_columns_lie_apart_in_some_rows(tried: Try):
    ranges = (
        "ALTER TABLE orders ADD during tstzrange; UPDATE orders SET during = tstzrange({}, hi);"
    )
    ranges += " ALTER TABLE orders ADD EXCLUDE USING gist (during WITH &&);\n"
    revision = tried(CHOICES, ("2_r", ranges.format("lo"), None))[-1]
    assert revision.passed, revision.findings
    assert "depends-on-data" in rules(revision)
    revision = tried(CHOICES, ("2_r", ranges.format("NULL"), None))[-1]
    assert [one.code for one in revision.faults] == ["up-on-rows"]


@pytest.mark.parametrize("kept", ["the same table", "another", "another, what there is"])
def test_what_an_up_has_put_elsewhere_its_down_brings_back(tried: Try, kept: str):
    base = ("1_t", "CREATE TABLE t (id int PRIMARY KEY, bio text);\n", "DROP TABLE t;\n")
    up, fetch, left = (
        (
            "ALTER TABLE t ADD about text; UPDATE t SET about = bio;",
            "UPDATE t SET bio = about;",
            "ALTER TABLE t DROP about;",
        )
        if kept == "the same table"
        else (
            "CREATE TABLE p (id int, about text); INSERT INTO p SELECT id, bio FROM t"
            f"{' WHERE bio IS NOT NULL' if 'what there is' in kept else ''};",
            "UPDATE t SET bio = about FROM p WHERE p.id = t.id;",
            "DROP TABLE p;",
        )
    )
    up += " ALTER TABLE t DROP bio;\n"
    right = tried(base, ("2_t", up, f"ALTER TABLE t ADD bio text; {fetch} {left}\n"))[-1]
    assert right.passed, right.findings
    wrong = tried(base, ("2_t", up, f"ALTER TABLE t ADD bio text; {left}\n"))[-1]
    assert [one.code for one in wrong.faults] == ["down-loses-data"]


def test_rows_of_earlier_migrations_are_still_there_after_other_rows_were_made(tried: Try):
    seed = ("2_seed", "INSERT INTO users (id, email) VALUES (70, 'root');\n", None)
    check = ("3_c", "ALTER TABLE posts ADD CHECK (kind IN ('a', 'b'));\n", None)
    lookup = "INSERT INTO posts (user_id, writer, body) VALUES"
    lookup += " ((SELECT id FROM users WHERE email = 'root'), 70, 'x');\n"
    revisions = tried(BASE, seed, check, ("4_use", lookup, None))
    assert [rules(one) for one in revisions if one.faults] == []
    wrong = lookup.replace("'root'", "'toor'")
    assert "up" in rules(tried(BASE, seed, check, ("4_use", wrong, None))[-1])


def test_advice_says_that_production_decides_and_shows_the_refusal(tried: Try):
    up = "ALTER TABLE posts ADD CHECK (kind IN ('news', 'blog'));\n"
    _, revision = tried(BASE, ("2_c", f"SELECT 1;\n{up}", None), many=10)
    found = [one for one in revision.findings if one.code == "depends-on-data"]
    assert found
    assert "data that only production has" in found[0].message
    assert "23514" in found[0].message
    assert found[0].line == 2


GUARD = "DO $$ BEGIN IF EXISTS (SELECT FROM users) THEN RAISE 'move them first'; END IF; END $$;\n"
BARRED = (
    "CREATE FUNCTION bar() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'never'; END $$;\n"
    "CREATE TRIGGER bar BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION bar();\n"
)


def test_a_guard_of_the_migration_is_about_data_and_a_trigger_that_bars_it_is_not(tried: Try):
    _, revision = tried(BASE, ("2_drop", f"{GUARD}DROP TABLE users;\n", None))
    assert revision.passed, revision.findings
    assert "depends-on-data" in rules(revision)
    bar = ("2_drop", BARRED, None)
    update = ("3_x", "DO $$ BEGIN UPDATE users SET email = 'x'; END $$;\n", None)
    assert [one.code for one in tried(BASE, bar, update)[-1].faults] == ["up-on-rows"]


ENV = """
from alembic import context
from sqlalchemy import create_engine

with create_engine(context.config.get_main_option("sqlalchemy.url")).connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
"""
REVISION = """
from alembic import op

revision, down_revision = {0!r}, {1!r}


def upgrade():
    op.execute({2!r})


def downgrade():
    op.execute({3!r})
"""
SWALLOWED = REVISION.replace(
    "    op.execute({2!r})",
    "    try:\n        op.execute({2!r})\n    except Exception:\n        pass",
)
"""A migration that goes on after an error: what is said of the next statement is 25P02."""


def test_of_another_tools_history_rows_are_made_again_too(cluster: Cluster, tmp_path: Path):
    (tmp_path / "m/versions").mkdir(parents=True)
    ini = f"[alembic]\nscript_location = {tmp_path / 'm'}\nsqlalchemy.url = postgresql+psycopg://\n"
    (tmp_path / "alembic.ini").write_text(ini)
    (tmp_path / "m/env.py").write_text(ENV)
    steps = [("CREATE TABLE t (id serial PRIMARY KEY, kind text)", "DROP TABLE t")]
    steps += [(f"ALTER TABLE t ADD c{n} int", f"ALTER TABLE t DROP c{n}") for n in range(10)]
    steps += [
        (
            "ALTER TABLE t ADD CONSTRAINT k CHECK (kind IN ('a', 'b'))",
            "ALTER TABLE t DROP CONSTRAINT k",
        ),
        ("ALTER TABLE t ADD must int NOT NULL", "ALTER TABLE t DROP must"),
        ("ALTER TABLE t ADD CONSTRAINT u UNIQUE (c1)", "ALTER TABLE t DROP CONSTRAINT u"),
        ("ALTER TABLE t ADD CONSTRAINT l CHECK (kind = 'a')", "ALTER TABLE t DROP CONSTRAINT l"),
        ("ALTER TABLE t ADD need int NOT NULL", "ALTER TABLE t DROP need"),
    ]
    for number, (up, down) in enumerate(steps):
        before = f"r{number - 1}" if number else None
        template = SWALLOWED if number > 13 else REVISION
        text = template.format(f"r{number}", before, up, down)
        (tmp_path / f"m/versions/r{number}.py").write_text(text)
    found = run(cluster, tmp_path, {}, Limits(many=50))
    faults = {one.name: [fault.code for fault in one.faults] for one in found if one.faults}
    assert faults == {"r12": ["up-on-rows"], "r15": ["up-on-rows"]}
    assert "depends-on-data" in rules(found[11])
    assert "depends-on-data" in rules(found[14])
    assert "ADD must int" in found[12].faults[0].evidence
