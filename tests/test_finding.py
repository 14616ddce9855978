"""Where projects keep a schema, found without a word; and what is said where there is none."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from harness.core.config_reader import load
from harness.core.errors import ConfigError
from harness.lint._history_rules import one_way
from harness.sources import Migration, open_source
from harness.sources.finding import SchemaSearch, none_found, others
from tests.project import Project, output
from tests.sources import ENV, Files, write

RESOURCES = "src/main/resources/db/migration"
PAIR = {"1_a.up.sql": "CREATE TABLE a (i int);", "1_a.down.sql": "DROP TABLE a;"}
TABLE = "CREATE TABLE a (i int);"
QUERY = "-- name: A :one\nSELECT 1;"
GOOSE = "-- +goose Up\nCREATE TABLE a (i int);\n"


def below(place: str, files: Files) -> Files:
    return {f"{place}/{name}": text for name, text in files.items()}


FOUND = [
    ({"alembic.ini": "[alembic]\nscript_location = db\n", "db/env.py": ENV}, "alembic.ini"),
    (below("backend", {"alembic.ini": "[alembic]\n"}), "backend"),
    ({"migrations/env.py": ENV, "migrations/alembic.ini": "[alembic]\n"}, "migrations"),
    (below("pkg/db/prisma/migrations", {"1_a/migration.sql": ""}), "pkg/db/prisma/migrations"),
    (below("apps/web/drizzle", {"meta/_journal.json": "{}", "0_a.sql": ""}), "apps/web/drizzle"),
    (below("apps/web/supabase/migrations", {"1_a.sql": ""}), "apps/web/supabase"),
    (below("internal/store/postgres/migrations", PAIR), "internal/store/postgres/migrations"),
    ({**below("migrations/pg", PAIR), **below("migrations/mysql", PAIR)}, "migrations/pg"),
    (
        {f"{RESOURCES}/{vendor}/V1__a.sql": "" for vendor in ("h2", "postgresql")},
        f"{RESOURCES}/postgresql",
    ),
    (below("sql/schema", {"1_a.sql": GOOSE}) | {"sql/queries/q.sql": QUERY}, "sql/schema"),
    ({"db/structure.sql": "", "db/migrate/1_a.rb": ""}, "db/structure.sql"),
    ({"schema.sql": "", "node_modules/x/migrations/1_a.up.sql": ""}, "schema.sql"),
    ({"migrations/README.md": "", "schema.sql": ""}, "schema.sql"),
    ({"sql/all.sql": "", "service/migrations/1_a.up.sql": ""}, "service/migrations"),
    (below("diesel/migrations", {"1_a/up.sql": "", "1_a/down.sql": ""}), "diesel/migrations"),
    (below("docker/postgres", {"init.sql": TABLE, "grants.sql": ""}), "docker/postgres/init.sql"),
    (below("docker/init", {"01_a.sql": TABLE, "02_b.sql": "SELECT 1;"}), "docker/init"),
    (
        {f"src/main/resources/db/{one}/schema.sql": TABLE for one in ("h2", "mysql", "postgres")},
        "src/main/resources/db/postgres/schema.sql",
    ),
    (
        below("src/main/resources", {"schema.sql": TABLE, "schema-postgresql.sql": TABLE}),
        "src/main/resources/schema-postgresql.sql",
    ),
    ({"pagila-schema.sql": TABLE, "pagila-data.sql": ""}, "pagila-schema.sql"),
    ({"server/model/shop.sql": TABLE, "server/model/report.sql": "SELECT 1;"},
     "server/model/shop.sql"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "place"), FOUND, ids=[place for _, place in FOUND])
def test_a_schema_is_found_where_its_tool_keeps_it(files: Files, place: str, tmp_path: Path):
    write(tmp_path, files)
    assert load(tmp_path, SchemaSearch).schema == tmp_path / place


def test_what_lies_where_the_command_is_run_comes_first(tmp_path: Path):
    pairs = {**below("a/migrations", PAIR), **below("b/migrations", PAIR)}
    write(tmp_path, {"pyproject.toml": "", **pairs})
    assert load(tmp_path / "b", SchemaSearch).schema == tmp_path / "b/migrations"


def test_of_several_none_is_taken_and_all_are_named(project: Project):
    (project.root / "sql/migrations/0001_notes.up.sql").unlink()
    (project.root / "sql/migrations/0001_notes.down.sql").unlink()
    for name, text in {**below("a/migrations", PAIR), **below("b/migrations", PAIR)}.items():
        project.write(name, text)
    done = project.run("apply")
    assert done.returncode == 2
    said = [line.strip() for line in output(done).splitlines()]
    assert said[1:3] == ["--schema a/migrations", "--schema b/migrations"]
    assert project.run("apply", "--schema", "b/migrations").returncode == 0


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"db/schema.rb": ""}, ["db/schema.rb: Rails", '["bin/rails", "db:schema:load"]']),
        (
            {"src/migrations/1-A.ts": "class A implements MigrationInterface {}"},
            ["src/migrations/1-A.ts: TypeORM", 'schema = "src/migrations"', "src/data-source.ts"],
        ),
        (
            {
                "migrations/1-A.ts": "class A implements MigrationInterface {}",
                "src/db/orm.ts": "export default new DataSource({})",
            },
            ['"migration:run", "-d", "src/db/orm.ts"]'],
        ),
        (
            {"db/migrations/1-a.js": "exports.up = (queryInterface) => 1"},
            ['"npx sequelize-cli db:migrate --url $DATABASE_URL"]', "command-tcp = true"],
        ),
        (
            {"db/migrations/1_a.js": "exports.up = (knex) => 1"},
            ['schema = "db/migrations"', '"npx knex migrate:latest --connection $DATABASE_URL"]'],
        ),
        ({"queries/a.sql": "", "queries/b.sql": ""}, ["SQL files are in queries (2)"]),
        (
            {
                "sql/views/v.sql": "CREATE VIEW v AS SELECT * FROM a;",
                "sql/tables/a.sql": "CREATE TABLE a (b int REFERENCES public.b);",
                "sql/tables/b.sql": "CREATE TABLE b (i int PRIMARY KEY);",
                "sql/functions/f.sql": "",
            },
            [
                "SQL files are in sql/tables (2)",
                "write sql/schema.sql",
                "\n  \\ir tables/b.sql\n  \\ir tables/a.sql\n  \\ir functions/f.sql\n"
                "  \\ir views/v.sql",
            ],
        ),
    ],
)  # fmt: skip
def test_what_looks_like_a_schema_is_named_with_its_remedy(
    files: Files, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write(tmp_path, files)
    monkeypatch.chdir(tmp_path)
    config = load(tmp_path, SchemaSearch)
    assert config.schema is None
    assert all(text in none_found(config) for text in said)


def test_work_in_progress_of_graphile_migrate_is_a_warning(tmp_path: Path):
    committed = "--! Previous: -\n--! Hash: sha1:0\nCREATE TABLE a (i int);\n"
    write(tmp_path / "migrations", {"committed/000001.sql": committed, "current.sql": "-- none\n"})
    source = open_source(load(tmp_path, SchemaSearch))
    assert source is not None
    assert source.warnings == ()
    (tmp_path / "migrations/current.sql").write_text("ALTER TABLE a ADD b int;\n")
    assert "current.sql is work in progress and not applied" in source.warnings[0]


@pytest.fixture
def nobody() -> Iterator[None]:
    """An account that may not read everything."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    yield
    if root:
        os.seteuid(0)


def test_what_may_not_be_read_is_passed_over_and_named_where_nothing_else_is_found(
    monkeypatch: pytest.MonkeyPatch, nobody: None
):
    with TemporaryDirectory(dir="/tmp") as name:
        project = write(Path(name), {"migrations/1_a.sql": "", "db/data": "", ".env": "sqlite3"})
        for one in ("migrations", "db", ".env"):
            (project / one).chmod(0)
        monkeypatch.chdir(project)
        config = load(project, SchemaSearch)
        assert config.schema is None
        assert "db may not be read; if the schema is there: chmod -R u+rX db" in none_found(config)
        write(project, below("sql/migrations", PAIR))
        assert load(project, SchemaSearch).schema == project / "sql/migrations"
        for one in ("migrations", "db"):
            (project / one).chmod(0o700)
        monkeypatch.undo()


def test_without_a_schema_each_command_says_so_once(tmp_path: Path):
    project = Project(tmp_path)
    for command in ("gate", "test", "apply", "init"):
        done = project.run(command)
        assert done.returncode > 0
        said = output(done)
        assert said.count("sql/migrations/0001_first.sql") == 1, said
    project.write("sql/migrations/0001_first.sql", "CREATE TABLE a (id int PRIMARY KEY);\n")
    assert project.run("apply").returncode == 0
    assert "'harness init' writes the first ones" in output(project.run("test"))
    write(tmp_path, {**below("b/migrations", PAIR), **below("c/migrations", PAIR)})
    (tmp_path / "sql/migrations/0001_first.sql").unlink()
    assert output(project.run("gate")).count("--schema c/migrations") == 1


def test_tests_are_found_by_what_is_in_them(tmp_path: Path):
    plan = "SELECT plan(1);"
    write(tmp_path, {**below("db/migrations", PAIR), "test/app.py": "", "db/tests/a.sql": plan})
    assert load(tmp_path, SchemaSearch).tests == (tmp_path / "db/tests",)
    write(tmp_path, {"pkg/x/tests/fixture.sql": "SELECT 1;"})
    (tmp_path / "db/tests/a.sql").write_text("SELECT 1;")
    assert load(tmp_path, SchemaSearch).tests == ()
    write(tmp_path, {"t/kinds.pg": plan})  # as pg_prove calls them
    assert load(tmp_path, SchemaSearch).tests == (tmp_path / "t",)


SETUP = "CREATE ROLE app_reader;\n"
GRANTS = "CREATE TABLE t (i int);\nGRANT SELECT ON t TO app_reader;\n"


def test_a_role_that_nobody_makes_is_one_message_and_its_remedies_work(project: Project):
    project.write("sql/migrations/0002_grants.up.sql", GRANTS)
    project.write("sql/migrations/0002_grants.down.sql", "DROP TABLE t;\n")
    done = project.run("apply")
    assert done.returncode == 1
    assert 'role "app_reader" does not exist' in output(done)
    assert "create_roles = true" in output(done)
    project.write("setup/roles.sql", SETUP)
    for setting in ("create_roles = true", 'before = ["setup/roles.sql"]'):
        project.write("pyproject.toml", f"[tool.harness]\n{setting}\n")
        for command in ("apply", "migrations"):
            done = project.run(command)
            assert done.returncode == 0, output(done)


def test_what_runs_before_is_not_judged(project: Project):
    project.write("setup/schema.sql", "CREATE SCHEMA app;\nCREATE TABLE app.given (i int);\n")
    project.write("pyproject.toml", '[tool.harness]\nbefore = ["setup/schema.sql"]\n')
    project.write("sql/migrations/0002_a.up.sql", "CREATE TABLE app.own (i int);\n")
    project.write("sql/migrations/0002_a.down.sql", "DROP TABLE app.own;\n")
    said = output(project.run("apply"))
    assert "2 migrations applied: 1 sequence, 2 tables, 1 index" in said


@pytest.mark.parametrize(
    "text",
    [
        "REVOKE ALL ON schema_migrations FROM PUBLIC;",
        "REVOKE USAGE ON SCHEMA sqitch FROM PUBLIC;",
        "ALTER TABLE __diesel_schema_migrations SET (fillfactor = 90);",
    ],
)
def test_a_tool_s_own_table_is_there_where_a_migration_names_it(project: Project, text: str):
    project.write("sql/migrations/0002_own.up.sql", f"{text}\n")
    project.write("sql/migrations/0002_own.down.sql", "SELECT 1;\n")
    done = project.run("apply")
    assert done.returncode == 0, output(done)
    assert "2 migrations applied: 1 sequence, 1 table, 1 index" in output(done)


OWN = """CREATE ROLE shop_app;
CREATE DATABASE shop OWNER shop_app;
GRANT CONNECT ON DATABASE shop TO shop_app;
\\c shop
CREATE TABLE product (id int PRIMARY KEY);
ALTER DATABASE shop SET work_mem = '7MB';
COMMENT ON DATABASE "shop" IS 'of the shop';
SELECT 'CREATE DATABASE shop' WHERE true \\gexec
"""


def test_the_run_s_database_stands_for_the_one_that_a_script_makes(project: Project):
    project.write("shop/init.sql", OWN)
    done = project.run("apply", "--schema", "shop/init.sql")
    assert done.returncode == 0, output(done)
    assert "work_mem: 7MB" in output(done)
    project.write("shop/init.sql", OWN + "\\c other\n")
    done = project.run("apply", "--schema", "shop/init.sql")
    assert done.returncode == 2
    assert r"\c to several databases is not supported: other and shop" in output(done)


def test_who_connects_as_somebody_owns_what_is_made(project: Project):
    project.write(
        "shop/init.sql",
        "CREATE ROLE shop_app;\nGRANT CREATE ON SCHEMA public TO shop_app;\n\\c - shop_app\n"
        "CREATE TABLE product (id int);\n"
        "SELECT 1 / (tableowner = 'shop_app')::int FROM pg_tables WHERE tablename = 'product';\n",
    )
    done = project.run("apply", "--schema", "shop/init.sql")
    assert done.returncode == 0, output(done)


@pytest.mark.parametrize(
    "files",
    [
        {
            "prisma/migrations/migration_lock.toml": "",
            "prisma/migrations/1_a/migration.sql": TABLE,
            "prisma/migrations/1_a/down.sql": "DROP TABLE a;",
        },
        {
            "drizzle/meta/_journal.json": '{"entries": [{"tag": "0_a"}]}',
            "drizzle/0_a.sql": TABLE,
            "drizzle/by_hand.sql": "SELECT 1 / 0;",
        },
        {**below("migrations", PAIR), "migrations/testdata/fixtures/1_a.up.sql": "SELECT 1 / 0;"},
    ],
    ids=["prisma", "drizzle", "pairs"],
)
def test_what_a_tool_passes_over_is_no_migration(files: Files, tmp_path: Path):
    write(tmp_path, files)
    source = open_source(load(tmp_path, SchemaSearch))
    assert source is not None
    assert len(source.migrations) == 1


def test_a_plain_file_among_pairs_has_forgotten_no_way_down():
    def one(up: str, down: str = "") -> Migration:
        return Migration(up, Path(up), Path(down) if down else None)

    pairs = [one(f"{n}.up.sql", f"{n}.down.sql") for n in range(3)]
    assert not list(one_way([one("0_roles.sql"), *pairs]))
    assert [told[0].name for told in one_way([one("9_x.up.sql"), *pairs])] == ["9_x.up.sql"]
    sections = [one(f"{n}.sql", f"{n}.sql") for n in range(3)]
    assert [told[0].name for told in one_way([one("9.sql"), *sections])] == ["9.sql"]


def test_programs_beside_sql_are_half_of_a_schema(tmp_path: Path):
    write(tmp_path, below("migrations", {"1_a.sql": "", "2_b.js": "exports.up = knex => 1"}))
    with pytest.raises(ConfigError, match=r"2_b\.js"):
        open_source(load(tmp_path, SchemaSearch))


def test_a_block_that_commits_runs_as_in_psql(project: Project):
    project.write("sql/migrations/0002_b.up.sql", "DO $$ BEGIN COMMIT; END $$;\nSELECT 1;\n")
    project.write("sql/migrations/0002_b.down.sql", "SELECT 1;\n")
    done = project.run("apply")
    assert done.returncode == 0, output(done)


def test_what_cannot_be_read_is_passed_over_while_looking(tmp_path: Path):
    write(tmp_path, {**below("a/migrations", PAIR), "b/db/x": ""})
    (tmp_path / "b/migrations").mkdir()
    (tmp_path / "b/migrations/1_gone.sql").symlink_to(tmp_path / "gone.sql")
    assert load(tmp_path, SchemaSearch).schema == tmp_path / "a/migrations"


def test_nothing_is_looked_for_where_a_schema_is_named(tmp_path: Path):
    def looking(start: Path, root: Path) -> SchemaSearch:
        return Looking(start, root)

    class Looking(SchemaSearch):
        @property
        def path(self) -> Path | None:
            raise AssertionError("looked for a schema")

    write(tmp_path, {"a.sql": "", "tests/t.sql": "SELECT plan(1);"})
    assert load(tmp_path, looking, schema="a.sql", tests=["tests"]).schema == tmp_path / "a.sql"
    assert load(tmp_path, looking, schema="none", tests=["tests"]).schemaless


def test_migrations_of_another_tool_beside_the_schema_are_named(tmp_path: Path) -> None:
    own, other = tmp_path / "prisma/migrations", tmp_path / "migrations"
    for file in (own / "20240101_a/migration.sql", other / "0001_a.sql"):
        file.parent.mkdir(parents=True)
        file.write_text("CREATE TABLE t (id int);\n")
    assert others(tmp_path, own) == [(other, "sql_dir")]
    assert others(tmp_path, other) == [(own, "prisma")]
    assert others(tmp_path, tmp_path / "prisma") == [(other, "sql_dir")]


MYSQL = "CREATE TABLE a (i INT AUTO_INCREMENT PRIMARY KEY);"
OF_OTHERS = [
    ({"migrations/1_a.up.sql": MYSQL}, "AUTO_INCREMENT is SQL of MySQL"),
    ({"migrations/V1__a.sql": "CREATE TABLE `a` (i int);"}, "a name in backticks is SQL of MySQL"),
    ({"schema.sql": "CREATE TABLE a (b BLOB);"}, "BLOB is a type of MySQL or SQLite"),
    ({"knexfile.js": "client: 'sqlite3'"}, "knexfile.js names SQLite"),
    ({"package.json": '{"mysql2": "3"}', "src/migrations/a.ts": ""}, "package.json names MySQL"),
    ({"Cargo.toml": 'diesel = ["sqlite"]', "migrations/1_a/up.sql": "", "migrations/down.sql": ""},
     "Cargo.toml names SQLite"),
    ({"go.mod": "pgx // indirect", "sqlc.yaml": "sql:\n  - engine: sqlite\n",
      "migrations/1_a.sql": "CREATE TABLE a (b BLOB);"}, "sqlc.yaml names SQLite"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "said"), OF_OTHERS)
def test_what_is_of_another_database_is_said_to_be(files: Files, said: str, tmp_path: Path):
    write(tmp_path, files)
    done = Project(tmp_path).run("apply")
    assert done.returncode > 0
    assert f"{said}, and the harness runs PostgreSQL alone" in output(done), output(done)


@pytest.mark.parametrize("text", ["CREATE TABLE a (i int DEFAULT nothing());", "SELEC 1;"])
def test_a_mistake_is_not_taken_for_another_database(text: str, tmp_path: Path):
    write(tmp_path, {"schema.sql": text, "package.json": '{"mysql2": "3", "pg": "8"}'})
    done = Project(tmp_path).run("apply")
    assert done.returncode == 1
    assert "alone" not in output(done)


def test_a_plan_without_changes_leaves_the_schema_to_another_tool(tmp_path: Path):
    write(tmp_path, {"sqitch.plan": "%project=x\n\n", **below("migrations", PAIR)})
    assert SchemaSearch(tmp_path, tmp_path).path == tmp_path / "migrations"
    write(tmp_path, {"sqitch.plan": "%project=x\n\na 2026-01-02T03:04:05Z A <a@b.c>\n"})
    assert SchemaSearch(tmp_path, tmp_path).path == tmp_path / "sqitch.plan"


def test_a_single_file_does_not_pass_over_others_that_make_objects_in_silence(tmp_path: Path):
    others = {"views.sql": "CREATE VIEW v AS SELECT i FROM a;", "seed.sql": "INSERT INTO a SELECT;"}
    write(tmp_path, {"schema.sql": TABLE, "test_a.sql": "CREATE TABLE t (i int);", **others})
    project = Project(tmp_path)
    said = output(project.run("apply"))
    assert "schema.sql alone is applied, and views.sql beside it makes objects, too" in said
    project.write("all.sql", "\n".join(re.findall(r"\\ir \S+", said)))
    said = output(project.run("apply", "--schema", "all.sql"))
    assert "1 migration applied: 1 table, 1 view" in said
    assert "alone" not in said


PROGRAMS = {
    "src/migrations/1_a.ts": "export class A1 implements MigrationInterface {}",
    "migrations/20200101_a.js": "exports.up = (knex) => knex.schema.createTable('a')",
    "db/migrations/1-a.js": "module.exports = { up: (queryInterface) => {} }",
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_sql_that_only_prepares_for_programs_is_not_the_schema(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """What a container's first start runs: an extension, which alone would be a green schema."""
    monkeypatch.chdir(tmp_path)
    prepares = "CREATE EXTENSION citext;"
    write(tmp_path, {program: PROGRAMS[program], "init.sql": prepares})
    assert SchemaSearch(tmp_path, tmp_path).path is None
    assert f"{program}: " in none_found(load(tmp_path, SchemaSearch))
    (tmp_path / "init.sql").write_text(TABLE)
    source = open_source(load(tmp_path, SchemaSearch))
    assert source is not None
    assert "init.sql alone is applied" in source.warnings[-1]
    assert program in source.warnings[-1]
    (tmp_path / program).unlink()
    (tmp_path / "init.sql").write_text(prepares)
    assert SchemaSearch(tmp_path, tmp_path).path == tmp_path / "init.sql"
    assert source.warnings == ()


def test_a_template_of_tern_s_has_the_values_of_its_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("APP", "web")
    text = "CREATE ROLE {{ .app }};\nCREATE TABLE a (i {{.type}});\n"
    settings = '[database]\ntype = text\n[data]\napp = {{env "APP"}}\ntype = int\n'
    write(tmp_path, {"tern.conf": settings, "migrations/1_a.sql": text})
    project = Project(tmp_path)
    done = project.run("apply")
    assert done.returncode == 0, output(done)
    assert "public.a.i: integer" in output(done)
    project.write("migrations/1_a.sql", f'{text}{{{{ template "shared/f.sql" . }}}}\n')
    done = project.run("apply")
    assert done.returncode == 2
    assert "migrations/1_a.sql:3: a template that only tern itself fills" in output(done)
    assert 'source = "command"' in output(done)


def test_a_file_that_makes_what_a_migration_misses_is_named(tmp_path: Path):
    write(tmp_path, {"migrations/1_a.sql": "ALTER TABLE public.pets ADD age int;\n"})
    write(tmp_path, {"db/tests/x.sql": "CREATE TABLE pets (i int);\n"})
    assert "creates it" not in output(Project(tmp_path).run("apply"))
    made = "-- all\ncreate table if not exists pets (id int primary key, age int);\n"
    write(tmp_path, {"db/all.sql": made})
    said = output(Project(tmp_path).run("apply"))
    assert "db/all.sql creates it, and has not run; if it is no migration, --schema db/all" in said
    assert Project(tmp_path).run("apply", "--schema", "db/all.sql").returncode == 0
