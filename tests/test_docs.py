"""Every page: snippets can be read, links lead somewhere, what is generated is up to date."""

from __future__ import annotations

import ast
import json
import re
import shlex
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import psycopg
import pytest
import yaml

from harness.cli import reference, settings_reference
from harness.cli.commands import COMMANDS
from harness.cli.main import parser
from harness.core import config_reader
from harness.core.config import KEYS
from harness.postgres.cluster import Cluster
from harness.postgres.psql import Script
from harness.postgres.session import PG_PROVE
from tests.support.markdown import ROOT, Block, anchors, blocks, links, pages, prose

SCHEMA = json.loads(settings_reference.json_schema())


@pytest.mark.parametrize(
    ("page", "written", "module"),
    [
        (reference.PAGE, reference.markdown, "harness.cli.reference"),
        (settings_reference.PAGE, settings_reference.markdown, "harness.cli.settings_reference"),
        (
            settings_reference.SCHEMA,
            settings_reference.json_schema,
            "harness.cli.settings_reference",
        ),
    ],
    ids=["commands", "configuration", "schema"],
)
def test_a_generated_page_is_up_to_date(page: Path, written: Callable[[], str], module: str):
    assert (ROOT / page).read_text("utf-8") == written(), f"run: python -m {module}"


def test_the_example_of_the_configuration_has_every_key(tmp_path: Path):
    """But for those that are not for a file, and it can be loaded."""
    for name in ("sql/migrations", "pgtap_tests", "setup"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "setup/roles.sql").touch()
    [text, *_] = [b.text for b in blocks(ROOT / settings_reference.PAGE) if b.language == "toml"]
    (tmp_path / "pyproject.toml").write_text(text)
    assert config_reader.load(tmp_path).jobs == 2
    said = {key.replace("-", "_") for key in tomllib.loads(text)["tool"]["harness"]}
    assert said | {"server", "cache_dir", "temp_dir"} == set(KEYS)


def test_every_key_says_what_it_is_for():
    assert all(settings_reference.documented()[key] for key in KEYS)
    for keys in config_reader.TABLES.values():
        assert [key for key, entry in keys.items() if len(entry) < 3] == []


# --- snippets ------------------------------------------------------------------------------


def read_toml(block: Block) -> None:
    """A table of ours has keys that there are, of the right types."""
    table: dict[str, Any] = tomllib.loads(block.text)
    if block.title in ("", "pyproject.toml") and "tool" in table:
        jsonschema.validate(table["tool"]["harness"], SCHEMA)


def read_commands(block: Block) -> None:
    """A command of ours has options that there are."""
    for line in block.text.replace("\\\n", "").splitlines():
        words = shlex.split(line.removeprefix("$ "), comments=True)
        if words[:1] != ["harness"] or len(words) == 1 or words[1].startswith(("-", "COMMAND")):
            continue
        _, left = parser(COMMANDS[words[1]]).parse_known_intermixed_args(words[2:])
        assert not left, f"{block}: {line}"


READ: dict[str, Callable[[Block], Any]] = {
    "console": read_commands,
    "json": lambda block: json.loads(block.text),
    "python": lambda block: ast.parse(block.text),
    "sh": read_commands,
    "sql": lambda _: None,
    "text": lambda _: None,
    "toml": read_toml,
    "yaml": lambda block: yaml.safe_load(block.text),
}


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_snippet_can_be_read(page: Path):
    for block in blocks(page):
        try:
            READ[block.language](block)
        except Exception as error:
            raise AssertionError(f"{block}: {error}") from error


def test_sql_is_what_the_server_reads(cluster: Cluster):
    """A message is parsed as a whole before its first statement is run, and that one fails."""
    with cluster.connect() as connection:
        for block in [one for page in pages() for one in blocks(page) if one.language == "sql"]:
            statements = list(Script.parse(block.text, block.page, PG_PROVE).statements())
            assert statements, block
            for statement in statements:
                with pytest.raises(psycopg.Error) as refused:
                    connection.execute(b"SELECT 1/0;" + statement.sql.encode())
                assert refused.value.sqlstate == "22012", f"{block}: {refused.value}"


def test_prose_fits_100_columns():
    """Tables, headings, links on a line of their own and snippets apart."""
    long = [
        f"{page.relative_to(ROOT)}: {line}"
        for page in pages()
        for line in prose(page).splitlines()
        if len(line) > 100 and not line.startswith(("|", "#", "["))
    ]
    assert long == []


# --- links ---------------------------------------------------------------------------------


def dead(page: Path) -> Iterator[str]:
    for link in links(page):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


def test_links_lead_somewhere():
    found = [
        *pages(),
        ROOT / "CONTRIBUTING.md",
        ROOT / "ARCHITECTURE.md",
        ROOT / "benchmarks/README.md",
    ]
    assert {str(page): left for page in found if (left := list(dead(page)))} == {}


def test_modules_that_architecture_names_are_there():
    """By their path in the repository or in the harness, or by their name alone."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    named = set(re.findall(r"`([\w/]+\.py)`", text))
    folders = (ROOT / "harness", ROOT / "tests", ROOT / "benchmarks")
    endings = [str(path) for folder in folders for path in folder.rglob("*.py")]
    missing = [name for name in named if not any(one.endswith(f"/{name}") for one in endings)]
    assert len(named) > 30
    assert not missing


def test_the_site_has_every_page():
    """And leads to nothing outside of ``docs/``, which a site has not."""
    text = re.sub(r"pymdownx\S*|!!\S*", "x", (ROOT / "mkdocs.yml").read_text("utf-8"))
    named = set(re.findall(r"[\w/-]+\.md", text.partition("\nnav:")[2]))
    there = {str(page.relative_to(ROOT / "docs")) for page in pages()[1:]}
    assert named == there
    for page in pages()[1:]:
        assert not [link for link in links(page) if link.startswith("../../")], page
