"""Test files made from the catalog: they pass, and notice when what they are about is changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.project import Project, output

SCHEMA = """CREATE TYPE state AS ENUM ('new', 'open', 'done');
CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email varchar(80) NOT NULL UNIQUE CHECK (email LIKE '%@%')
);
CREATE TABLE "Odd Table" ("Key" text PRIMARY KEY, "it's" int CHECK ("it's" BETWEEN 1 AND 9));
CREATE SCHEMA app;
CREATE TABLE app.orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    state state NOT NULL DEFAULT 'new',
    total numeric(10, 2) NOT NULL CHECK (total >= 0),
    twice numeric GENERATED ALWAYS AS (total * 2) STORED,
    changed_at timestamptz
);
CREATE INDEX orders_user ON app.orders (user_id) WHERE state <> 'done';
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_at := clock_timestamp();
    RETURN NEW;
END
$$;
CREATE TRIGGER touch BEFORE UPDATE ON app.orders FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE TABLE app.log (order_id bigint);
CREATE FUNCTION app.record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO app.log VALUES (NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER record AFTER INSERT ON app.orders FOR EACH ROW EXECUTE FUNCTION app.record();
CREATE DOMAIN app.number AS int NOT NULL DEFAULT 1 CHECK (VALUE < 1000);
CREATE TABLE app.lines (
    order_id bigint REFERENCES app.orders,
    line app.number CHECK (line > 0),
    during tstzrange NOT NULL,
    PRIMARY KEY (order_id, line)
);
"""


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("migrations/0001_shop.sql", SCHEMA)
    return made


def test_files_for_all_tables_pass_and_notice_changes(shop: Project) -> None:
    done = shop.run("scaffold", "tests")
    assert done.returncode == 0, output(done)
    found = re.findall(r"(\w+)\.sql: \d+ assertions, (\d+) of (\d+) changes noticed", done.stdout)
    names = {name for name, _, _ in found}
    assert names == {"users", "odd_table", "app_orders", "app_lines", "app_log"}
    kinds = "check,column,foreign key,primary key,unique"
    run = shop.run("mutate", "--kind", kinds, "--min-score", "90")
    assert run.returncode == 0, output(run)
    text = (shop.root / "pgtap_tests/app_orders.sql").read_text()
    assert "'an UPDATE sets changed_at'" in text
    assert re.search(
        r"throws_ok\(\$test\$INSERT INTO app.orders .*'23514'.*orders_total_check", text
    )
    assert "lives_ok($test$INSERT INTO app.orders" in text
    assert "INSERT INTO app.log" not in text  # the trigger does that
    assert (
        "NOT NULL of number is as it was" in (shop.root / "pgtap_tests/app_lines.sql").read_text()
    )


def test_a_file_that_is_there_is_left_alone_and_a_dry_run_writes_none(shop: Project) -> None:
    shop.write("pgtap_tests/users.sql", "-- mine\n")
    done = shop.run("scaffold", "tests", "users")
    assert done.returncode == 0, output(done)
    assert "pgtap_tests/users.sql: is there already" in done.stdout
    assert (shop.root / "pgtap_tests/users.sql").read_text() == "-- mine\n"
    done = shop.run("scaffold", "tests", "app.lines", "--dry-run")
    assert "SELECT has_table('app', 'lines'" in done.stdout
    assert not (shop.root / "pgtap_tests/app_lines.sql").exists()


def test_files_are_written_where_the_project_will_have_its_tests(shop: Project) -> None:
    shop.write("pyproject.toml", '[tool.harness]\ntests = ["checks"]\n')
    done = shop.run("scaffold", "tests", "app.log")
    assert done.returncode == 0, output(done)
    assert (shop.root / "checks/app_log.sql").exists()


@pytest.mark.parametrize("words", [(), ("test",), ("tests", "nowhere")])
def test_what_cannot_be_written_is_refused(shop: Project, words: tuple[str, ...]) -> None:
    done = shop.run("scaffold", *words)
    assert done.returncode == 2
    assert done.stderr.startswith("harness: ")
