from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from harness.core.errors import ConfigError
from harness.postgres.cluster import Cluster
from harness.postgres.schema_model import Name, Schema, Table

SCHEMAS = Path(__file__).parent / "data" / "schemas"
NAME = "harness_test_relations"

RICH = """
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TYPE place AS (street text, zip varchar(5));
CREATE DOMAIN email AS text CHECK (VALUE ~ '@');
CREATE DOMAIN work_email AS email NOT NULL DEFAULT 'a@b' CONSTRAINT short
    CHECK (length(VALUE) < 20);
CREATE TYPE floatrange AS RANGE (subtype = float8);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE SEQUENCE loose AS smallint INCREMENT -2 MINVALUE -9 MAXVALUE 7 START 7 CACHE 3 CYCLE;

CREATE TABLE parents (
    id bigint GENERATED ALWAYS AS IDENTITY (START 5) PRIMARY KEY,
    code char(3) COLLATE "C" UNIQUE,
    rank integer UNIQUE DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE children (
    id serial PRIMARY KEY,
    parent_id bigint NOT NULL CONSTRAINT to_parent
    REFERENCES parents ON DELETE CASCADE ON UPDATE SET NULL,
    code char(3) REFERENCES parents (code) MATCH FULL DEFERRABLE,
    amount numeric(10, 2) DEFAULT 1.5, ratio numeric, rounded numeric(5, 0),
    stamp timestamptz(3) DEFAULT now(), token uuid DEFAULT gen_random_uuid(), wait interval(2),
    mood mood, moods mood[], place place, mail work_email, span floatrange, spans datemultirange,
    bits varbit(7), twice numeric GENERATED ALWAYS AS (amount * 2) STORED,
    CONSTRAINT positive CHECK (amount > 0), CONSTRAINT later CHECK (ratio > 0) NO INHERIT,
    EXCLUDE USING gist (span WITH &&)
);
ALTER TABLE children ADD CONSTRAINT unsure CHECK (amount < 1000) NOT VALID;
CREATE UNIQUE INDEX part ON children (lower(code), amount DESC) INCLUDE (mood) WHERE amount > 5;
CREATE INDEX plain_index ON children USING hash (mail);
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE OF amount, mood ON children
FOR EACH ROW WHEN (new.amount > 1) EXECUTE FUNCTION touch();
CREATE CONSTRAINT TRIGGER settle AFTER DELETE ON children DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER whole AFTER TRUNCATE ON children EXECUTE FUNCTION touch();
ALTER TABLE children DISABLE TRIGGER stamp;

CREATE UNLOGGED TABLE fast (id integer);
CREATE TABLE logs (at date NOT NULL, n integer) PARTITION BY RANGE (at);
CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')
PARTITION BY LIST (n);
CREATE TABLE logs_2_1 PARTITION OF logs_2 DEFAULT;
CREATE TABLE heir (extra text) INHERITS (fast);
CREATE VIEW simple AS SELECT id, code AS name FROM parents;
CREATE VIEW counted AS SELECT count(*) FROM parents;
CREATE SCHEMA other;
CREATE TABLE other.parents (id integer);
CREATE TABLE other.alone (id integer);
"""


@contextmanager
def database(cluster: Cluster, *statements: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection, not in autocommit, to a new database with a schema of its own."""
    drop = sql.SQL("DROP DATABASE IF EXISTS {} (FORCE)").format(sql.Identifier(NAME))
    with cluster.connect() as maintenance:
        maintenance.execute(drop)
        maintenance.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
        try:
            with cluster.connect(NAME) as building:
                for statement in statements:
                    building.execute(statement)
            with psycopg.connect(cluster.dsn(NAME)) as connection:
                yield connection
                connection.rollback()
        finally:
            maintenance.execute(drop)


@pytest.fixture(scope="module")
def schema(cluster: Cluster) -> Iterator[Schema]:
    with database(cluster, RICH) as connection:
        yield Schema.read(connection)


def children(schema: Schema) -> Table:
    return schema.table("children")


def test_reads_every_user_table(schema: Schema) -> None:
    found = {str(table): table.kind for table in schema}
    assert found == {
        "other.alone": "ordinary",
        "other.parents": "ordinary",
        "public.children": "ordinary",
        "public.counted": "view",
        "public.fast": "ordinary",
        "public.heir": "ordinary",
        "public.logs": "partitioned",
        "public.logs_1": "partition",
        "public.logs_2": "partitioned",
        "public.logs_2_1": "partition",
        "public.parents": "ordinary",
        "public.simple": "view",
    }
    assert schema.table("fast").persistence == "unlogged"
    assert schema.encoding == "UTF8"


def test_names_resolve_as_people_write_them(schema: Schema) -> None:
    assert schema.table("alone").name == Name("other", "alone")
    assert str(schema.table("parents")) == "public.parents"
    assert str(schema.table("other.parents")) == "other.parents"
    with pytest.raises(ConfigError, match=r"did you mean public\.children\?"):
        schema.table("childrn")
    assert schema.table("parents").identifier.as_string(None) == '"public"."parents"'


def test_ambiguous_names_are_refused(cluster: Cluster) -> None:
    twice = "CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.t(); CREATE TABLE b.t()"
    with (
        database(cluster, twice) as c,
        pytest.raises(ConfigError, match=r"more than one schema; write a\.t or b\.t"),
    ):
        Schema.read(c).table("t")


def test_columns_with_limits_and_defaults(schema: Schema) -> None:
    table = children(schema)
    amount = table.column("amount")
    assert (amount.precision, amount.scale, amount.volatility) == (10, 2, "immutable")
    assert (table.column("ratio").precision, table.column("rounded").scale) == (None, 0)
    assert table.column("code").length == 3
    assert table.column("bits").length == 7
    assert table.column("stamp").precision == 3
    assert table.column("wait").precision == 2
    assert table.column("stamp").volatility == "stable"
    assert table.column("token").volatility == "volatile"
    assert table.column("id").volatility == "volatile"
    assert table.column("twice").generated == "(amount * (2)::numeric)"
    assert table.column("twice").default is None
    assert not table.column("twice").insertable
    assert schema.table("parents").column("id").identity == "always"
    assert schema.table("parents").column("code").collation == 'pg_catalog."C"'
    assert table.column("parent_id").not_null
    assert not table.column("mail").not_null
    assert not table.column("mail").nullable


def test_types_with_their_parts(schema: Schema) -> None:
    table = children(schema)
    assert table.column("mood").type.labels == ("sad", "happy")
    moods = table.column("moods").type
    assert (moods.category, moods.element and moods.element.name) == ("array", "mood")
    place = table.column("place").type
    assert [a.name for a in place.attributes] == ["street", "zip"]
    assert place.attributes[1].modifier == 9
    mail = table.column("mail").type
    assert [domain.name for domain in mail.domains] == ["work_email", "email"]
    assert mail.root.name == "text"
    assert [check.name for check in mail.checks] == ["short"]
    assert "VALUE" in mail.checks[0].expression
    span, spans = table.column("span").type, table.column("spans").type
    assert (span.category, span.subtype and span.subtype.name) == ("range", "float8")
    assert (spans.category, spans.subtype and spans.subtype.name) == ("multirange", "daterange")


def test_constraints(schema: Schema) -> None:
    table = children(schema)
    key = table.constraint("to_parent")
    assert key is not None
    assert (key.columns, key.target, key.target_columns) == (
        ("parent_id",),
        Name("public", "parents"),
        ("id",),
    )
    assert (key.on_delete, key.on_update, key.match) == ("cascade", "set null", "simple")
    full = table.constraint("children_code_fkey")
    assert full is not None
    assert (full.match, full.deferrable, full.deferred) == ("full", True, False)
    check, unsure = table.constraint("positive"), table.constraint("unsure")
    assert check is not None
    assert unsure is not None
    assert check.expression == "(amount > (0)::numeric)"
    assert (check.validated, unsure.validated) == (True, False)
    exclude = next(c for c in table.constraints if c.kind == "exclude")
    assert (exclude.columns, exclude.operators) == (("span",), ("&&",))
    unique = schema.table("parents").constraint("parents_rank_key")
    assert unique is not None
    assert (unique.kind, unique.deferred) == ("unique", True)
    assert schema.references(schema.table("parents")) == (full, key)


def test_not_null_is_no_constraint_on_any_version(schema: Schema) -> None:
    kinds = {c.kind for table in schema for c in table.constraints}
    assert kinds == {"check", "primary key", "unique", "foreign key", "exclude"}


def test_indexes(schema: Schema) -> None:
    part = children(schema).index("part")
    assert part is not None
    assert part.columns == (None, "amount")
    assert part.keys == ("lower(code::text)", "amount")
    assert part.reads == ("code", "amount")
    assert part.predicate == "(amount > (5)::numeric)"
    assert (part.unique, part.constraint, part.valid) == (True, None, True)
    plain = children(schema).index("plain_index")
    assert plain is not None
    assert (plain.method, plain.unique) == ("hash", False)


def test_triggers(schema: Schema) -> None:
    found = {trigger.name: trigger for trigger in children(schema).triggers}
    assert list(found) == ["settle", "stamp", "whole"]
    stamp = found["stamp"]
    assert (stamp.timing, stamp.level, stamp.events) == ("before", "row", ("insert", "update"))
    assert (stamp.update_columns, stamp.enabled, stamp.fires) == (
        ("amount", "mood"),
        "disabled",
        False,
    )
    assert stamp.when == "(new.amount > (1)::numeric)"
    assert stamp.function == Name("public", "touch")
    settle = found["settle"]
    assert (settle.constraint, settle.deferrable, settle.deferred) == (True, True, True)
    assert (found["whole"].level, found["whole"].events) == ("statement", ("truncate",))


def test_sequences(schema: Schema) -> None:
    found = {str(sequence): sequence for sequence in schema.sequences}
    loose = found["public.loose"]
    assert (loose.type, loose.start, loose.increment, loose.minimum, loose.maximum) == (
        "smallint", 7, -2, -9, 7,
    )  # fmt: skip
    assert (loose.cache, loose.cycle, loose.table) == (3, True, None)
    identity = schema.sequence_of(schema.table("parents"), "id")
    serial = schema.sequence_of(children(schema), "id")
    assert identity is not None
    assert serial is not None
    assert (identity.identity, identity.start, serial.identity) == (True, 5, False)


def test_partitions_and_inheritance(schema: Schema) -> None:
    logs = schema.table("logs")
    assert [str(leaf) for leaf in schema.leaves(logs)] == ["public.logs_1", "public.logs_2_1"]
    assert logs.partition_key == "RANGE (at)"
    assert schema.table("logs_1").bound == "FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')"
    assert "2025-01-01" in (schema.table("logs_2_1").partition_check or "")
    assert schema.table("heir").parents == (Name("public", "fast"),)
    assert [c.inherited for c in schema.table("heir").columns] == [True, False]


def test_views(schema: Schema) -> None:
    assert schema.table("simple").insertable
    assert not schema.table("counted").insertable
    assert schema.table("simple").reads == (Name("public", "parents"),)


def test_what_is_left_out(cluster: Cluster) -> None:
    extension = "CREATE EXTENSION IF NOT EXISTS pg_stat_statements"
    with database(
        cluster, RICH, extension, "CREATE TABLE schema_migrations (v text)"
    ) as connection:
        schema = Schema.read(connection, ["other"], ["schema_migrations", "public.fast"])
        names = {str(table) for table in schema}
        assert not names & {"other.alone", "public.fast", "public.schema_migrations"}
        assert not any("pg_stat" in name for name in names)


def test_reading_leaves_no_trace_and_ignores_the_search_path(cluster: Cluster) -> None:
    with database(cluster, RICH) as connection:
        connection.execute("SET search_path = other")
        inside = Schema.read(connection)
        path = connection.execute("SHOW search_path").fetchone()
        connection.rollback()
        assert path == ("other",)
        assert inside == Schema.read(connection)
        default = inside.table("public.children").column("id").default
        assert default == "nextval('public.children_id_seq'::regclass)"


def test_later_versions_say_the_same_as_older_ones(
    cluster: Cluster, older_cluster: Cluster
) -> None:
    with database(cluster, RICH) as new, database(older_cluster, RICH) as old:
        newer, older = Schema.read(new), Schema.read(old)
        for table in newer:
            # How a view's query is printed is the version's own.
            other = replace(older.table(str(table)), definition=table.definition)
            assert table == other
        assert newer.sequences == older.sequences
