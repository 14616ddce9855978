"""What schemas of other styles declare: rules, settings, views, parts of values, sub-partitions."""

from __future__ import annotations

import pytest

from harness.postgres.cluster import Cluster
from harness.properties.checks import CHECKS
from tests.properties.against import Broken, against, broken
from tests.properties.support import ADVICE, FAILED, PASSED, decide

__all__ = ["broken"]

EVENTS = """
CREATE TABLE event (
    position bigserial PRIMARY KEY, stream int NOT NULL, version int NOT NULL,
    payload text NOT NULL, UNIQUE (stream, version)
);
CREATE RULE no_update AS ON UPDATE TO event DO INSTEAD NOTHING;
CREATE RULE no_delete AS ON DELETE TO event DO INSTEAD NOTHING;
CREATE TABLE stat (stream int PRIMARY KEY, events int NOT NULL DEFAULT 0);
CREATE FUNCTION on_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO stat AS s VALUES (NEW.stream, 1)
    ON CONFLICT (stream) DO UPDATE SET events = s.events + 1;
    RETURN NULL; END $$;
CREATE TRIGGER on_event AFTER INSERT ON event FOR EACH ROW EXECUTE FUNCTION on_event();
CREATE TABLE letter (
    id int PRIMARY KEY, position bigint NOT NULL REFERENCES event, reason text NOT NULL
);
CREATE INDEX ON letter (position);
"""
BOARDS = """
CREATE ROLE style_user;
CREATE FUNCTION tenant() RETURNS uuid LANGUAGE sql STABLE
    AS $$ SELECT nullif(current_setting('app.tenant', true), '')::uuid $$;
CREATE FUNCTION member() RETURNS uuid LANGUAGE sql STABLE
    AS $$ SELECT nullif(current_setting('app.member', true), '')::uuid $$;
CREATE TABLE board (
    tenant_id uuid NOT NULL DEFAULT tenant(), id int GENERATED ALWAYS AS IDENTITY,
    author_id uuid NOT NULL, title text NOT NULL, number int NOT NULL DEFAULT 1, done_at date,
    updated_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (tenant_id, id)
);
CREATE TABLE remark (
    tenant_id uuid NOT NULL DEFAULT tenant(), board_id int NOT NULL, no int NOT NULL,
    state text NOT NULL DEFAULT 'new', PRIMARY KEY (tenant_id, board_id, no),
    FOREIGN KEY (tenant_id, board_id) REFERENCES board ON DELETE CASCADE
);
ALTER TABLE board ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON board TO style_user USING (tenant_id = tenant());
CREATE POLICY author ON board AS RESTRICTIVE FOR UPDATE TO style_user USING (author_id = member());
GRANT SELECT, UPDATE ON board TO style_user;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN NEW.updated_at := clock_timestamp(); RETURN NEW; END $$;
CREATE TRIGGER touch BEFORE UPDATE ON board FOR EACH ROW
    WHEN (OLD.title IS DISTINCT FROM NEW.title) EXECUTE FUNCTION touch();
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.number <> OLD.number THEN RAISE EXCEPTION 'a number is for ever'; END IF;
    RETURN NEW; END $$;
CREATE TRIGGER keep BEFORE UPDATE OF number ON board FOR EACH ROW EXECUTE FUNCTION keep();
CREATE VIEW open_board WITH (security_invoker) AS
    SELECT tenant_id, id, title FROM board WHERE done_at IS NULL;
GRANT SELECT ON open_board TO style_user;
CREATE VIEW published AS SELECT b.title, r.no FROM board b
    JOIN remark r ON r.board_id = b.id AND r.tenant_id = b.tenant_id
    WHERE r.state = 'published' AND b.number > 7;
"""
PARTS = """
CREATE DOMAIN locode AS char(5) CHECK (VALUE ~ '^[A-Z]{2}[A-Z2-9]{3}$');
CREATE TYPE dose AS (amount numeric(8, 3), unit text);
CREATE TABLE country (iso char(2) PRIMARY KEY CHECK (iso ~ '^[A-Z]{2}$'));
CREATE TABLE place (
    code locode PRIMARY KEY, country char(2) NOT NULL REFERENCES country,
    kind char(4) NOT NULL DEFAULT 'PORT' CHECK (kind <> 'P' AND kind IN ('PORT', 'RAIL')),
    CHECK (substr(code, 1, 2) = country)
);
CREATE INDEX ON place (country);
CREATE TABLE leg (
    id int PRIMARY KEY, origin locode NOT NULL REFERENCES place,
    target locode NOT NULL REFERENCES place, CHECK (origin <> target)
);
CREATE INDEX ON leg (origin);
CREATE INDEX ON leg (target);
CREATE TABLE document (
    id int PRIMARY KEY, dose dose NOT NULL, author int, editor int REFERENCES document,
    approved boolean, form jsonb NOT NULL CHECK (jsonb_path_exists(form, '$.fields[*].name')),
    price jsonb NOT NULL CHECK (jsonb_path_match(price, '$.net >= 10 && $.state == "open"')),
    data jsonb NOT NULL CHECK (data ?& '{title,blocks}'), theme jsonb NOT NULL,
    sku text NOT NULL CHECK (left(sku, 3) = 'SKU' AND sku ~ '^[A-Z]{3}-[0-9]{4}$'),
    CHECK ((dose).unit IN ('mg', 'ml') AND (dose).amount > 0),
    CHECK (theme ->> 'color' ~ '^#[0-9a-f]{6}$' AND (theme -> 'size' ->> 'w')::int > 5),
    CONSTRAINT somebody CHECK (author IS NOT NULL OR editor IS NOT NULL OR approved IS NOT TRUE)
);
CREATE INDEX ON document (editor);
CREATE TABLE scan (
    region text NOT NULL CHECK (region IN ('emea', 'apac')), id int NOT NULL,
    PRIMARY KEY (region, id)
) PARTITION BY LIST (region);
CREATE TABLE scan_emea PARTITION OF scan FOR VALUES IN ('emea') PARTITION BY HASH (id);
CREATE TABLE scan_emea_0 PARTITION OF scan_emea FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE scan_apac PARTITION OF scan FOR VALUES IN ('apac');
CREATE TABLE tariff (
    low numeric(6, 2) NOT NULL, high numeric(6, 2) NOT NULL, CHECK (high > low),
    EXCLUDE USING gist (numrange(low, high) WITH &&)
);
CREATE TABLE year (
    starts date NOT NULL, ends date NOT NULL, CHECK (ends > starts AND ends - starts < 400),
    EXCLUDE USING gist (daterange(starts, ends, '[]') WITH &&)
);
"""


@pytest.mark.parametrize("schema", [EVENTS, BOARDS, PARTS], ids=["events", "boards", "parts"])
def test_other_styles_are_decided(cluster: Cluster, schema: str):
    try:
        found = decide(cluster, schema, *CHECKS)
    finally:
        drop_roles(cluster)
    reasons = {i: one.reason for i, one in found.items() if one.outcome not in (PASSED, ADVICE)}
    assert not reasons
    assert {i for i, one in found.items() if one.outcome is ADVICE} <= {
        "board::updated_at::not_spoofed"
    }


BROKEN = {
    EVENTS: (
        ("ALTER TABLE letter DISABLE TRIGGER ALL", "letter_position_fkey::orphan"),
        ("ALTER TABLE event DISABLE TRIGGER ALL", "letter_position_fkey::on_delete"),
        ("ALTER TABLE event ALTER payload DROP NOT NULL", "payload::not_null"),
    ),
    BOARDS: (
        (
            "ALTER TABLE board ALTER tenant_id SET DEFAULT gen_random_uuid()",
            "board::tenant_id::default",
        ),
    ),
    PARTS: (
        ("ALTER TABLE place DROP CONSTRAINT place_check", "place_check::refused"),
        ("ALTER TABLE document DROP CONSTRAINT document_dose_check", "dose_check::refused"),
        ("ALTER TABLE document DROP CONSTRAINT document_theme_check", "theme_check::refused"),
        ("ALTER TABLE document DROP CONSTRAINT somebody", "somebody::refused"),
        ("ALTER TABLE document DROP CONSTRAINT document_form_check", "form_check::refused"),
        ("ALTER TABLE year DROP CONSTRAINT year_daterange_excl", "daterange_excl::conflict"),
        ("ALTER TABLE scan DROP CONSTRAINT scan_pkey", "scan_emea_pkey::duplicate"),
    ),
}


@pytest.mark.parametrize(
    ("schema", "change", "prop"),
    [(schema, *case) for schema, cases in BROKEN.items() for case in cases],
)
def test_and_what_is_broken_in_them_fails(
    cluster: Cluster, broken: Broken, schema: str, change: str, prop: str
):
    try:
        found = broken(schema, BROKEN[schema], CHECKS)[prop]
    finally:
        drop_roles(cluster)
    assert found.outcome is FAILED, found.reason


def test_a_sequence_that_begins_again_fails(cluster: Cluster):
    change = "ALTER SEQUENCE event_position_seq CYCLE MAXVALUE 2"
    (found,) = against(cluster, EVENTS, change, *CHECKS, only="position::steps").values()
    assert found.outcome is FAILED, found.reason


def drop_roles(cluster: Cluster) -> None:
    with cluster.connect() as connection:
        connection.execute("DROP ROLE IF EXISTS style_user")


NOT_TAKEN = (
    "CREATE TABLE t (id int PRIMARY KEY, a date NOT NULL DEFAULT now(), b date, n text NOT NULL);"
)


@pytest.mark.parametrize(
    ("checks", "false"),
    [
        ("CHECK (a < a)", True),
        ("CHECK (a < b AND b < a AND b IS NOT NULL)", True),
        ("CHECK (length(n) < 2), CHECK (length(n) BETWEEN 2 AND 60)", True),
        ("CHECK (length(n) < 2), CHECK (length(n) BETWEEN 1 AND 60)", False),
        ("CHECK (a <= a)", False),
        ("CHECK (a < b AND b < a)", False),  # NULL passes
    ],
)
def test_what_columns_say_of_each_other_may_be_always_false(
    cluster: Cluster, checks: str, false: bool
):
    schema = NOT_TAKEN + f"ALTER TABLE t ADD {checks.replace('), CHECK', '), ADD CHECK')};"
    wanted = [one for one in CHECKS if one.id in ("check", "usable")]
    found = decide(cluster, schema, *wanted)
    failed = {i for i, one in found.items() if one.outcome is FAILED}
    assert bool(failed) is false, failed
    assert all("always false" in found[name].reason for name in failed)


JUDGED = """
CREATE FUNCTION valid(t text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE
    AS $$ BEGIN RETURN {}; END $$;
CREATE TABLE t (id int PRIMARY KEY, body text NOT NULL CONSTRAINT body CHECK (valid(body)));
"""


def test_a_check_whose_function_is_broken_fails(cluster: Cluster):
    checks = [one for one in CHECKS if one.id in ("check", "usable")]
    broken = decide(cluster, JUDGED.format("nosuch(t)"), *checks)
    failed = {name for name, one in broken.items() if one.outcome is FAILED}
    assert {"t::owner::insert", "t::body::accepted", "t::body::refused"} <= failed
    right = decide(cluster, JUDGED.format("t <> ''"), *checks)
    assert {one.outcome for one in right.values()} == {PASSED}


CASES = """
CREATE TABLE saga (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, state text NOT NULL DEFAULT 'started'
    CHECK (state IN ('started', 'done', 'failed')), ended date, CHECK (state <> 'done' OR {})
);
CREATE FUNCTION follow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    CASE NEW.state WHEN 'failed' THEN NULL; WHEN 'done' THEN NULL; {} END CASE; RETURN NULL; END $$;
CREATE TRIGGER follow AFTER INSERT ON saga FOR EACH ROW EXECUTE FUNCTION follow();
"""


def test_rows_that_a_search_leaves_aside_may_end_in_a_broken_program(cluster: Cluster):
    checks = [one for one in CHECKS if one.id in ("check", "not_null", "usable")]
    broken = decide(cluster, CASES.format("ended IS NOT NULL", ""), *checks)
    assert broken["saga::owner::insert"].outcome is FAILED
    assert "20000" in broken["saga::owner::insert"].reason
    right = decide(cluster, CASES.format("ended IS NOT NULL", "ELSE NULL;"), *checks)
    assert {one.outcome for one in right.values()} == {PASSED}


GENERATED = """
CREATE TABLE line (
    id int PRIMARY KEY, price int NOT NULL, amount int NOT NULL, name text NOT NULL, done date,
    total int GENERATED ALWAYS AS (price * amount) STORED,
    key text GENERATED ALWAYS AS (lower(name)) STORED,
    is_open boolean GENERATED ALWAYS AS (done IS NULL) STORED
);
CREATE VIEW large AS SELECT id, price AS net, amount, name, total FROM line WHERE total > 1000
    WITH CHECK OPTION;
CREATE VIEW keyed AS SELECT * FROM line WHERE key LIKE 'a%' WITH CHECK OPTION;
CREATE VIEW opened AS SELECT id, price, amount, name, done FROM line WHERE is_open
    WITH CHECK OPTION;
CREATE VIEW closed AS SELECT * FROM line WHERE NOT is_open WITH CHECK OPTION;
"""


def test_views_with_check_option_over_generated_columns_are_decided(cluster: Cluster):
    found = decide(cluster, GENERATED, *CHECKS)
    assert {n: d.reason for n, d in found.items() if d.outcome is not PASSED} == {}
    assert len([name for name in found if name.endswith("owner::insert")]) == 5
