"""What is Liquibase's own: which changesets run, in which order, and what undoes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.config import Config
from harness.core.errors import ConfigError, ScriptError
from harness.sources import MigrationError, open_source, recognition
from harness.sources.finding import SchemaSearch
from tests import sources
from tests.sources import TOOLS, at, public, write

connection = sources.connection
LIQUIBASE = TOOLS["liquibase"]
HEAD = "--liquibase formatted sql\n"
OTHERS = f"""{HEAD}--property name:owned value:kept
--changeset a:1 dbms:oracle
CREATE TABLE oracle (n NUMBER(10));
--changeset a:2 dbms:mysql,postgresql context:all labels:x
CREATE TABLE ${{owned}} (i int);
--changeset a:3 dbms:!postgresql
CREATE TABLE refused (n NUMBER(10));
-- changeset a:4 ignore:true
CREATE TABLE ignored (i int);
--changeset a:5 splitStatements:false endDelimiter:/
CREATE FUNCTION one() RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    RETURN 1;
END $$
/
--rollback DROP FUNCTION one();
--changeset a:6
CREATE VIEW v AS SELECT one() FROM kept;
/* liquibase rollback
DROP VIEW v;
*/
--changeset a:7
INSERT INTO kept VALUES (1);
--rollback not required
"""
YAML = """databaseChangeLog:
  # - include: {file: changes/none.sql}
  - include:
      file: changes/z.sql
      relativeToChangelogFile: true
  - include: { file: db/more.xml }
"""
XML = """<databaseChangeLog>
  <!-- <include file="changes/none.sql"/> -->
  <includeAll path="classpath:db/later/"/>
</databaseChangeLog>
"""


def test_changesets_of_other_databases_and_ignored_ones_do_not_run(tmp_path: Path, connection):
    write(tmp_path, {"a.sql": OTHERS})
    source = at(tmp_path, LIQUIBASE)
    source.apply(connection)
    assert public(connection) == ["kept", "one"]
    assert connection.execute("SELECT one() FROM v").fetchall() == [(1,)]
    source.rollback(connection)  # the view before the function that it calls
    assert public(connection) == ["kept"]


def test_a_changeset_without_a_transaction_has_none(tmp_path: Path, connection):
    text = "CREATE TABLE a (i int);\n--changeset a:2 runInTransaction:false\n"
    text += "CREATE INDEX CONCURRENTLY x ON a (i);\n"
    write(tmp_path, {"a.sql": f"{HEAD}--changeset a:1\n{text}"})
    at(tmp_path, LIQUIBASE).apply(connection)
    write(tmp_path, {"a.sql": f"{HEAD}--changeset a:1\n{text}".replace(":false", ":true")})
    connection.execute("DROP TABLE a")
    with pytest.raises(MigrationError, match=r"a\.sql:5: 25001"):
        at(tmp_path, LIQUIBASE).apply(connection)


def project(folder: Path, **more: str) -> None:
    place = "src/main/resources/db"
    change = "--changeset a:{0}\nCREATE TABLE t{0} ();\n"
    files = {"changes/z.sql": 1, "later/b.sql": 3, "later/a.sql": 2}
    write(folder, {f"{place}/{name}": HEAD + change.format(n) for name, n in files.items()})
    write(folder, {f"{place}/db.changelog-master.yaml": YAML, f"{place}/more.xml": XML})
    write(folder, {f"{place}/{name}": text for name, text in more.items()})


def test_the_changelog_says_the_order_and_is_found(tmp_path: Path):
    project(tmp_path)
    path = SchemaSearch(tmp_path, tmp_path).path
    assert path == tmp_path / "src/main/resources/db"
    source = open_source(Config(tmp_path, path))
    assert source is not None
    assert [one.name for one in source.migrations] == ["z", "a", "b"]
    first = source.fingerprint()
    (path / "changes/z.sql").rename(path / "later/c.sql")
    (path / "db.changelog-master.yaml").write_text(YAML.replace("changes/z", "later/c"))
    again = open_source(Config(tmp_path, path))
    assert again is not None
    assert [one.name for one in again.migrations] == ["c", "a", "b"]
    assert again.fingerprint() != first


def test_a_changelog_may_be_named_and_be_json(tmp_path: Path):
    project(tmp_path)
    place = tmp_path / "src/main/resources/db"
    listed = '{"databaseChangeLog": [\n\t{"include": {"file": "db/later/b.sql"}}\n]}'
    write(place, {"own.json": listed, "broken.yaml": "databaseChangeLog: [", "none.xml": "<a/>"})
    source = open_source(Config(tmp_path, place / "own.json"))
    assert source is not None
    assert [one.name for one in source.migrations] == ["b"]
    for name in ("broken.yaml", "none.xml"):
        assert not recognition.liquibase(place / name)


def test_a_file_that_is_missing_and_one_that_is_passed_over_are_named(tmp_path: Path):
    project(tmp_path)
    place = tmp_path / "src/main/resources/db"
    write(place, {"changes/extra.sql": f"{HEAD}--changeset a:9\nSELECT 1;\n"})
    source = open_source(Config(tmp_path, place / "changes"))
    assert source is not None
    assert "extra.sql" in source.warnings[0]
    assert [one.name for one in source.migrations] == ["z", "a", "b"]
    (place / "changes/z.sql").unlink()
    with pytest.raises(ScriptError, match=r"z\.sql.*cannot be read"):
        open_source(Config(tmp_path, place))


def test_changes_that_are_no_sql_are_liquibase_s_own(tmp_path: Path):
    more = XML.replace("<includeAll", '<changeSet id="1" author="a"/><includeAll')
    project(tmp_path, **{"more.xml": more})
    with pytest.raises(ConfigError, match=r"(?s)Liquibase.*source = \"command\""):
        open_source(Config(tmp_path, tmp_path / "src/main/resources/db"))
