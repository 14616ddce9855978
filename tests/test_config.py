from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.core import config_reader
from harness.core.errors import ConfigError
from harness.sources.finding import SchemaSearch


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("HARNESS_SERVER", raising=False)
    monkeypatch.delenv("HARNESS_CACHE_DIR", raising=False)
    for folder in ("sql/migrations", "pgtap_tests", "other"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "sql/migrations/1_a.sql").touch()
    return tmp_path


def configure(project: Path, text: str) -> None:
    (project / "pyproject.toml").write_text(f"[tool.harness]\n{text}\n")


def test_convention_finds_schema_and_tests(project: Path):
    found = config_reader.load(project, SchemaSearch)
    assert found.schema == project / "sql/migrations"
    assert found.tests == (project / "pgtap_tests",)
    assert found.jobs == os.cpu_count()
    assert not found.configured


def test_pyproject_is_found_from_below_and_its_paths_are_its_own(project: Path):
    configure(project, 'schema = "other"\ntests = ["pgtap_tests"]')
    found = config_reader.load(project / "sql")
    assert found.root == project
    assert found.schema == project / "other"
    assert found.configured


def test_a_flag_beats_the_environment_which_beats_pyproject(
    project: Path, monkeypatch: pytest.MonkeyPatch
):
    configure(project, 'server = "postgresql://file/x"')
    assert config_reader.load(project).server == "postgresql://file/x"
    monkeypatch.setenv("HARNESS_SERVER", "postgresql://environment/x")
    assert config_reader.load(project).server == "postgresql://environment/x"
    assert config_reader.load(project, server="postgresql://flag/x").server == "postgresql://flag/x"


def test_a_server_is_never_taken_from_the_usual_variables(
    project: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("DATABASE_URL", "PGHOST", "PGDATABASE", "PGSERVICE"):
        monkeypatch.setenv(name, "postgresql://production/x")
    assert config_reader.load(project).server is None


def test_flags_name_paths_from_where_one_stands(project: Path):
    found = config_reader.load(project / "sql", schema="migrations", tests=["../other"])
    assert found.schema == project / "sql/migrations"
    assert found.tests == (project / "other",)


def test_schema_none_means_none_even_where_there_is_one(project: Path):
    assert config_reader.load(project, SchemaSearch, schema="none").schema is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("shcema = 'x'", "unknown key 'shcema'; did you mean 'schema'"),
        ("zzz = 1", "known: .*schema"),
        ("jobs = 0", "jobs: .*at least 1"),
        ("jobs = 'many'", "jobs: "),
        ("timeout = -1", "timeout: .*above 0"),
        ("pgtap = 'own'", "pgtap: 'builtin' or 'extension'"),
        ("schema = 'missing'", "missing does not exist"),
        ("tests = ['missing']", "missing does not exist"),
        ("settings = 'x'", "settings: a table"),
        ("server = 5", "server: a string"),
        ("nonsense", "pyproject.toml"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_name(project: Path, text: str, message: str):
    configure(project, text)
    with pytest.raises(ConfigError, match=message):
        config_reader.load(project)


def test_settings_become_text(project: Path):
    configure(project, "settings = { work_mem = '1MB', jit = true, max_connections = 20 }")
    expected = {"work_mem": "1MB", "jit": "on", "max_connections": "20"}
    assert config_reader.load(project).settings == expected
