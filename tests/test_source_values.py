"""Values that a tool puts into the files from the environment: another value, another schema."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.config import Config
from harness.sources import open_source
from tests.sources import write

GRAPHILE = {
    ".gmrc": '{"placeholders": {":OWNER": "!ENV"}}',
    "migrations/committed/000001.sql": "--! Previous: -\n--! Hash: sha1:0\nCREATE TABLE :OWNER ();",
}
TERN = {
    "migrations/tern.conf": '[data]\nowner = {{env "OWNER"}}\n',
    "migrations/001_owner.sql": "CREATE TABLE {{.owner}} ();\n",
}


@pytest.mark.parametrize("files", [GRAPHILE, TERN], ids=["graphile", "tern"])
def test_fingerprint_hangs_on_the_environment_that_a_file_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str]
) -> None:
    write(tmp_path, files)

    def fingerprint(owner: str) -> str:
        monkeypatch.setenv("OWNER", owner)
        source = open_source(Config(tmp_path, tmp_path / "migrations"))
        assert source is not None
        return source.fingerprint()

    assert fingerprint("alice") == fingerprint("alice")
    assert fingerprint("alice") != fingerprint("bob")
