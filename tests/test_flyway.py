from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.config import Config
from harness.core.errors import ConfigError, ScriptError
from harness.sources import MigrationError, open_source
from tests import sources
from tests.sources import TOOLS, at, public, write

connection = sources.connection
FLYWAY = TOOLS["flyway"]


def names(root: Path) -> list[str]:
    return [migration.name for migration in at(root, FLYWAY).migrations]


def test_versions_are_numbers_and_repeatables_come_last_by_description(tmp_path: Path):
    found = ("V2__a", "V10__b", "V1_10__c", "V1.9__d", "V01__e", "R__z", "R__B", "R__a_b", "R__a-b")
    write(tmp_path, {f"{name}.sql": "SELECT 1;" for name in found})
    expected = ["V01__e", "V1.9__d", "V1_10__c", "V2__a", "V10__b", "R__B"]
    expected += ["R__a_b", "R__a-b", "R__z"]
    assert names(tmp_path) == expected


def test_a_repeatable_file_is_not_undone(tmp_path: Path, connection):
    write(
        tmp_path,
        {
            "V1__a.sql": "CREATE TABLE a (i int);",
            "U1__a.sql": "DROP TABLE a CASCADE;",
            "R__v.sql": "CREATE OR REPLACE FUNCTION f() RETURNS int RETURN 1;",
        },
    )
    source = at(tmp_path, FLYWAY)
    assert not source.reversible
    assert source.apply(connection) == ("V1__a", "R__v")
    assert source.rollback(connection) == ("V1__a",)
    assert public(connection) == ["f"]


def test_the_last_baseline_stands_for_all_before_it(tmp_path: Path):
    found = ("V1__a", "V2__b", "B1__x", "B2__c", "V2_1__d", "U2_1__d", "U1__a")
    write(tmp_path, {f"{name}.sql": "SELECT 1;" for name in found})
    assert names(tmp_path) == ["B2__c", "V2_1__d"]


def test_directories_are_searched_through(tmp_path: Path):
    write(tmp_path, {"one/V1__a.sql": "", "two/V2__b.sql": "", "two/deep/R__c.sql": ""})
    assert names(tmp_path) == ["V1__a", "V2__b", "R__c"]


CONF = "# places\nflyway.locations=filesystem:one, filesystem:two\nflyway.placeholders.t=things\n"
TOML = '[flyway]\nlocations = ["filesystem:one", "two"]\n[flyway.placeholders]\nt = "things"\n'


@pytest.mark.parametrize(("settings", "text"), [("flyway.conf", CONF), ("flyway.toml", TOML)])
@pytest.mark.parametrize("named", [True, False])
def test_settings_name_places_and_values(
    settings: str, text: str, named: bool, tmp_path: Path, connection
):
    files = {"one/V1__a.sql": "CREATE TABLE ${t} ();", "two/V2__b.sql": "CREATE TABLE b ();"}
    write(tmp_path, {**files, settings: text})
    source = open_source(Config(tmp_path, tmp_path / settings if named else tmp_path))
    assert source is not None
    source.apply(connection)
    assert public(connection) == ["b", "things"]
    first = source.fingerprint()
    write(tmp_path, {settings: text.replace("things", "others")})
    again = open_source(Config(tmp_path, tmp_path))
    assert again is not None
    assert again.fingerprint() != first


def test_settings_of_the_project_hold_for_a_directory_that_is_named(tmp_path: Path, connection):
    write(
        tmp_path,
        {"sql/V1__a.sql": "CREATE TABLE ${t} ();", "flyway.conf": "flyway.placeholders.t=x"},
    )
    source = open_source(Config(tmp_path, tmp_path / "sql"))
    assert source is not None
    source.apply(connection)
    assert public(connection) == ["x"]


def test_a_placeholder_without_a_value_is_refused_where_it_stands(tmp_path: Path, connection):
    write(tmp_path, {"V1__a.sql": "CREATE TABLE a ();\n-- ${nothing}\n"})
    with pytest.raises(ScriptError, match=r"V1__a\.sql:2: \$\{nothing\}: .*placeholders\.nothing"):
        at(tmp_path, FLYWAY).apply(connection)
    assert public(connection) == []


def test_what_spring_s_settings_refer_to_is_in_them(tmp_path: Path, connection):
    settings = """spring:
  flyway:
    default-schema: ${app.schema}
    placeholders:
      owned: ${spring.flyway.default-schema}
      kept: ${KEPT:30}
app:
  schema: bills
"""
    place = "src/main/resources"
    text = "CREATE TABLE ${owned}.a (i int DEFAULT ${kept});\n"
    write(tmp_path, {f"{place}/application.yml": settings, f"{place}/db/migration/V1__a.sql": text})
    source = at(tmp_path / place / "db/migration", FLYWAY)
    source.apply(connection)
    query = "SELECT column_default FROM information_schema.columns WHERE table_schema = 'bills'"
    assert connection.execute(query).fetchall() == [("30",)]


def test_placeholders_may_be_switched_off(tmp_path: Path, connection):
    write(
        tmp_path,
        {
            "V1__a.sql": "CREATE TABLE a (t text DEFAULT '${t}');",
            "flyway.conf": "flyway.placeholderReplacement=false",
        },
    )
    at(tmp_path, FLYWAY).apply(connection)
    assert public(connection) == ["a"]


def test_a_file_s_own_settings_take_its_transaction_away(tmp_path: Path, connection):
    text = "CREATE TABLE a (i int);\nSELECT 1/0;\n"
    write(tmp_path, {"V1__a.sql": text, "V1__a.sql.conf": "executeInTransaction=false\n"})
    source = at(tmp_path, FLYWAY)
    first = source.fingerprint()
    with pytest.raises(MigrationError, match=r"V1__a\.sql:2: 22012"):
        source.apply(connection)
    assert public(connection) == ["a"]
    (tmp_path / "V1__a.sql.conf").write_text("executeInTransaction=true\n")
    assert at(tmp_path, FLYWAY).fingerprint() != first


def test_a_file_of_what_no_transaction_holds_has_none(tmp_path: Path, connection):
    write(
        tmp_path,
        {
            "V1__a.sql": "CREATE TABLE a (i int);",
            "V2__b.sql": "CREATE INDEX CONCURRENTLY x ON a (i);\nVACUUM a;\n",
        },
    )
    assert at(tmp_path, FLYWAY).apply(connection) == ("V1__a", "V2__b")


def test_a_mixed_file_is_refused_unless_mixed_is_set(tmp_path: Path, connection):
    write(tmp_path, {"V1__a.sql": "CREATE TABLE a (i int);\nVACUUM a;\n"})
    with pytest.raises(ScriptError, match=r"V1__a\.sql:2: no transaction holds"):
        at(tmp_path, FLYWAY).apply(connection)
    write(tmp_path, {"flyway.conf": "flyway.mixed=true"})
    assert at(tmp_path, FLYWAY).apply(connection) == ("V1__a",)


def test_data_in_the_script_is_sent(tmp_path: Path, connection):
    write(tmp_path, {"V1__a.sql": "CREATE TABLE a (t text);\nCOPY a FROM stdin;\n\\N\nx\n\\.\n"})
    at(tmp_path, FLYWAY).apply(connection)
    assert connection.execute("SELECT count(*), count(t) FROM a").fetchone() == (2, 1)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("x.sql", r"x\.sql: Flyway would skip it"),
        ("V2_x.sql", r"V2_x\.sql: Flyway would skip it"),
        ("V__x.sql", r"V__x\.sql: Flyway would skip it"),
        ("V1_0__x.sql", r": the version of "),
        ("V1.0.0__x.sql", r": the version of "),
        ("U3__x.sql", r"U3__x\.sql: there is no V migration"),
        ("sub/R__v.sql", r": the description of "),
        ("V2__Code.java", r"V2__Code\.java: a migration that is a program"),
        ("beforeEachMigrateStatement.sql", r"callbacks of single statements are not run"),
        ("-- V2__x.sql", r"Flyway would skip it"),
    ],
)
def test_what_flyway_would_refuse_or_pass_over_is_refused(name: str, message: str, tmp_path: Path):
    write(tmp_path, {"V1__a.sql": "", "R__v.sql": "", name: ""})
    with pytest.raises(ConfigError, match=message):
        at(tmp_path, FLYWAY)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("flyway.sqlMigrationPrefix=M", "sqlMigrationPrefix: not supported"),
        ("flyway.locations=s3:bucket", "s3:bucket: not supported"),
        ("flyway.locations=nowhere", "nowhere is no directory"),
    ],
)
def test_settings_that_change_what_is_applied_are_refused(text: str, message: str, tmp_path: Path):
    write(tmp_path, {"flyway.conf": text})
    with pytest.raises(ConfigError, match=message):
        at(tmp_path, FLYWAY)
