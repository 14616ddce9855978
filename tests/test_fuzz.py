"""What people and programs damage: scripts, configurations, records, snapshots.

Whatever is in them, a command ends with 0, 1 or 2 and says why in a message, never in a traceback.
The seed is in the failure's output; FUZZ_SEED repeats it.
"""

from __future__ import annotations

import json
import os
import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.access.record import Record as AccessRecord
from harness.cli.main import main
from harness.core.errors import HarnessError
from harness.postgres.snapshot.queries import kinds
from harness.properties.record import Record as PropertyRecord

SEED = int(os.environ.get("FUZZ_SEED", "20261129"))
SCRIPT = r"""-- harness: tags=a
\set who alice
BEGIN;
SELECT plan(3);
SELECT is(:'who', $$alice$$, 'who');
SELECT has_table('notes'); /* a /* nested */ comment */
COPY notes (id, body) FROM stdin;
1	x\ty
\.
SELECT throws_ok('INSERT INTO notes VALUES (1, NULL)', '23505') \gset
\if :{?x} \echo yes \else
SELECT U&"d\0061ta", E'\x41', B'01' FROM (VALUES (1)) AS t("dAta");
\endif
SELECT * FROM finish();
ROLLBACK;
"""
CONFIGURATION = """[tool.harness]
schema = "sql"
tests = ["pgtap_tests"]
timeout = 60.5
jobs = 2
versions = [18]
settings = { work_mem = "64MB", jit = true }
variables = { owner = "alice", n = 1 }
since = "none"

[tool.harness.properties]
enabled = true
record = "properties.json"
[tool.harness.access]
record = "access.json"
[tool.harness.migrations]
reversible = true
allow = { "0001::rewrite" = "small" }
[tool.harness.gate]
mutate = "changed"
"""
PROPERTIES = [
    {
        "check": "check",
        "table": "notes",
        "object": "notes_check",
        "aspect": "refused",
        "schema": "public",
        "declared": "CHECK ((id > 0))",
    },
    {
        "check": "default",
        "table": "notes",
        "object": "id",
        "aspect": "default",
        "schema": "public",
        "declared": "integer",
    },
]
ACCESS = [["table public.notes", "app", "SELECT", "yes"], ["role", "app", "BYPASSRLS", "yes"]]
VALUES = [None, True, -1, 0, 1e308, "", "\x00", "\ud800", "é" * 300, [], {}, [[None]], {"a": None}]
PIECES = [
    *(
        b"\x00",
        b"\xff\xfe",
        b"\xc3",
        b"\xef\xbb\xbf",
        b"\r\n",
        b"\r",
        b"\\",
        b"'",
        b'"',
        b"$$",
        b"$a$",
    ),
    *(
        b";",
        b"/*",
        b"--",
        b"(",
        b")",
        b"\\q\n",
        b"\\if\n",
        b"\\c nowhere\n",
        b"\\i .\n",
        b"\\gexec",
    ),
    *(
        b":x",
        b":'who'",
        b"\\g |cat\n",
        b"\\copy t from x\n",
        b"\\.\n",
        b"-- harness: x\n",
        b"[",
        b"{",
    ),
    *(b"=", b"null", b"-0", b"9" * 400, b"inf", b"[" * 3000, b"\xed\xa0\x80", b"\x1b[31m"),
]


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    """A command changes what signals do; pytest's own are put back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def dice(request: pytest.FixtureRequest) -> random.Random:
    print(f"FUZZ_SEED={SEED}")
    return random.Random(f"{SEED} {request.node.name}")


def mutated(text: bytes, dice: random.Random) -> bytes:
    """A text with one to four changes: cut short, pieces put in, taken out, doubled."""
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(text) + 1)
        end = min(len(text), at + dice.randint(1, 30))
        change = dice.randrange(5)
        if change == 0:
            text = text[:at] + dice.choice(PIECES) + text[at:]
        elif change == 1:
            text = text[:at] + text[end:]
        elif change == 2:
            text = text[:at] + text[at:end] * 2 + text[end:]
        elif change == 3:
            text = text[:at] + bytes([dice.randrange(256)]) + text[at + 1 :]
        elif dice.random() < 0.2:
            text = text[:at]
    return text


def other(value: object, dice: random.Random) -> object:
    """A value of JSON with one part replaced, taken out or put in."""
    if isinstance(value, dict) and value and dice.random() < 0.9:
        key = dice.choice([*value])
        changed = {**value, key: other(value[key], dice)}
        if dice.random() < 0.2:
            del changed[key]
        return changed
    if isinstance(value, list) and value and dice.random() < 0.9:
        at = dice.randrange(len(value))
        return [*value[:at], other(value[at], dice), *value[at + 1 :]]
    return dice.choice(VALUES)


def document(value: object, dice: random.Random) -> bytes:
    """A file with such a value, whose text is damaged now and then, too."""
    text = json.dumps(other(value, dice)).encode()
    return mutated(text, dice) if dice.random() < 0.5 else text


def ends_well(capfd: pytest.CaptureFixture[str], input: object, *arguments: str) -> None:
    """Run a command: one of its exit codes, and no word of a fault of ours."""
    try:
        code = main(arguments)
    except SystemExit as error:  # of argparse
        code = int(error.code or 0)
    said = "".join(capfd.readouterr())
    assert code in (0, 1, 2), input
    assert "Traceback" not in said, f"{said}\n{input!r}"
    assert "an error of the harness" not in said, f"{said}\n{input!r}"
    assert code == 0 or said.strip(), input


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HARNESS_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "sql").mkdir()
    (tmp_path / "pgtap_tests").mkdir()
    (tmp_path / "sql/0001.sql").write_text("CREATE TABLE notes (id int PRIMARY KEY, body text);")
    (tmp_path / "pyproject.toml").write_text("[tool.harness]\n")
    return tmp_path


def test_configurations(folder: Path, dice: random.Random, capfd: pytest.CaptureFixture[str]):
    for _ in range(90):
        text = mutated(CONFIGURATION.encode(), dice)
        (folder / "pyproject.toml").write_bytes(text)
        ends_well(capfd, text, "psql", "--drop")


def test_snapshots(folder: Path, dice: random.Random, capfd: pytest.CaptureFixture[str]):
    whole = {kind: {f"public.{kind}": "text NOT NULL", "b": "x"} for kind in kinds(14)}
    (folder / "whole.json").write_text(json.dumps(whole))
    for _ in range(60):
        text = document(whole, dice)
        (folder / "other.json").write_bytes(text)
        ends_well(capfd, text, "diff", "other.json", "whole.json")


@pytest.mark.parametrize(
    ("read", "whole"), [(PropertyRecord.read, PROPERTIES), (AccessRecord.read, ACCESS)]
)
def test_records(
    tmp_path: Path, dice: random.Random, read: Callable[[Path], object], whole: object
):
    """What can be read of one can be sorted and written; a message names the file else."""
    path = tmp_path / "record.json"
    for _ in range(80):
        text = document(whole, dice)
        path.write_bytes(text)
        try:
            read(path).write(tmp_path / "again.json")  # type: ignore[attr-defined]
        except HarnessError as error:
            assert str(path) in str(error), text  # noqa: PT017  most of them can be read


def test_scripts(
    folder: Path, dice: random.Random, capfd: pytest.CaptureFixture[str], server_dsn: str
):
    """Many in one run: one that cannot be read fails alone."""
    for number in range(60):
        (folder / f"pgtap_tests/{number:02}.sql").write_bytes(mutated(SCRIPT.encode(), dice))
    (folder / "pgtap_tests/good.sql").write_text(
        "BEGIN; SELECT plan(1); SELECT ok(true); ROLLBACK;"
    )
    ends_well(capfd, "scripts", "test", "--server", server_dsn, "--timeout", "5", "--tap", "tap")
    assert (folder / "tap").read_text("utf-8").count("good.sql") >= 1


def test_a_record_and_a_baseline_of_a_schema(
    folder: Path, dice: random.Random, capfd: pytest.CaptureFixture[str], server_dsn: str
):
    table = '[tool.harness]\nbaseline = "0001"\n[tool.harness.properties]\nrecord = "p.json"\n'
    (folder / "pyproject.toml").write_text(table)
    for _ in range(5):
        (folder / "p.json").write_bytes(text := document(PROPERTIES, dice))
        known = mutated(b"failed  properties  properties/notes::x  more\n", dice)
        (folder / "harness-baseline.txt").write_bytes(known)
        ends_well(capfd, (text, known), "properties", "--server", server_dsn)
