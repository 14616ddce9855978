"""Function bodies as the commands report them."""

from __future__ import annotations

from tests.project import Project, output
from tests.test_lint_bodies import function


def test_the_command_reports_bodies_and_accepts_what_is_allowed(project: Project):
    script = function(
        "-- harness: allow HB01 made by the application\nPERFORM x FROM scratch;\nRETURN absent;"
    )
    project.write("sql/migrations/0002_f.up.sql", script)
    project.write("sql/migrations/0002_f.down.sql", "DROP FUNCTION f;\n")
    for command in ("lint", "gate"):
        done = project.run(command)
        assert done.returncode == 1, output(done)
        assert "0002_f.up.sql:6:8: harness:HB01: public.f: column " in done.stdout
        assert "scratch" not in done.stdout
        assert "HL02" not in done.stdout


def test_a_schema_that_does_not_apply_is_said_and_bodies_are_not_looked_at(project: Project):
    project.write("sql/migrations/0002_f.up.sql", function("RETURN ;;") + "SELECT nonsense;\n")
    project.write("sql/migrations/0002_f.down.sql", "DROP FUNCTION f;\n")
    done = project.run("lint")
    assert done.returncode == 1, output(done)
    assert "0002_f.up.sql:4:1: harness:HB00: the schema does not apply: 42601" in done.stdout
    assert "? function bodies are not checked" in done.stdout
