"""Test files of who reaches which rows: they pass, and notice when a policy is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.access.support import DATA
from tests.project import ONLY_TESTS, Project, output

BY_USER = """
CREATE ROLE worker;
CREATE TABLE jobs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner name NOT NULL DEFAULT current_user,
    body text NOT NULL DEFAULT ''
);
ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON jobs TO worker USING (owner = current_user);
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs TO worker;
"""
SHARED = """
CREATE ROLE app;
CREATE FUNCTION me() RETURNS int LANGUAGE sql STABLE
AS $$ SELECT nullif(current_setting('app.user_id', true), '')::int $$;
CREATE TABLE files (id int PRIMARY KEY, owner int NOT NULL);
CREATE TABLE shares (
    file int NOT NULL REFERENCES files, person int NOT NULL,
    during tstzrange NOT NULL DEFAULT tstzrange(now(), now() + interval '1 day'),
    PRIMARY KEY (file, person)
);
ALTER TABLE files ENABLE ROW LEVEL SECURITY;
ALTER TABLE shares ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON files, shares TO app;
CREATE POLICY mine ON shares FOR SELECT TO app USING (person = me());
CREATE POLICY seen ON files FOR SELECT TO app USING (owner = me()
OR EXISTS (SELECT FROM shares AS s WHERE s.file = id AND s.person = me() AND s.during @> now()));
"""
EVER = """
ALTER POLICY seen ON files USING (owner = me()
OR EXISTS (SELECT FROM shares AS s WHERE s.file = id AND s.person = me()));
"""
SCHEMAS = {"by_user": BY_USER, "shared": SHARED}
WIDER = {
    "shared": EVER,  # noticed by a person whose answers are those of another otherwise
    "claims": "CREATE POLICY more ON posts FOR SELECT TO authenticated USING (true);",
    "memberships": "ALTER POLICY remove ON docs USING (true);",
    "by_user": "DROP POLICY own ON jobs;",
}


@pytest.mark.parametrize("name", WIDER)
def test_a_suite_passes_and_fails_where_a_policy_is_wider(tmp_path: Path, name: str) -> None:
    project = Project(tmp_path)
    project.write("pyproject.toml", ONLY_TESTS)
    schema = SCHEMAS.get(name) or (DATA / f"{name}.sql").read_text("utf-8")
    project.write("migrations/0001_all.sql", schema)
    done = project.run("scaffold", "access")
    assert done.returncode == 0, output(done)
    missed = [line for line in done.stdout.splitlines() if "not noticed" in line]
    assert all("relational" in line or "now to" in line for line in missed), missed
    run = project.run("test")
    assert run.returncode == 0, output(run)
    project.write("migrations/0002_wider.sql", WIDER[name])
    run = project.run("test")
    assert run.returncode == 1, output(run)
    assert ": SELECT" in run.stdout or ": DELETE" in run.stdout
