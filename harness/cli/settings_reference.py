"""The reference page of the configuration and its JSON Schema, from the definitions of the keys.

``python -m harness.cli.settings_reference`` writes both.
"""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from harness.core.config import KEYS, Config, Keys
from harness.core.config_reader import TABLES, converter

PAGE = Path("docs/reference/configuration.md")
SCHEMA = Path("docs/reference/harness.schema.json")

_STRINGS = {"type": "array", "items": {"type": "string"}}
_KINDS: dict[str, dict[str, Any]] = {
    "_text": {"type": "string"},
    "_path": {"type": "string"},
    "_schema": {"type": "string"},
    "_variable": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
    "_paths": {"oneOf": [{"type": "string"}, _STRINGS]},
    "_words": {"oneOf": [{"type": "string"}, {**_STRINGS, "minItems": 1}]},
    "_switch": {"type": "boolean"},
    "_choice": {"enum": ["builtin", "extension"]},
    "_jobs": {"type": "integer", "minimum": 1},
    "_versions": {
        "oneOf": [
            {"type": "integer"},
            {"type": "array", "items": {"type": "integer"}, "minItems": 1},
        ]
    },
    "_seconds": {"type": "number", "exclusiveMinimum": 0},
    "_settings": {"type": "object"},
    "_variables": {"type": "object", "additionalProperties": {"type": ["string", "integer"]}},
}
"""What converts a value -> the JSON Schema of the values that it takes."""
_TYPES: dict[type, dict[str, Any]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    list: _STRINGS,
    dict: {"type": "object", "additionalProperties": {"type": "string"}},
}

_INTRODUCTION = """\
# Configuration

Settings are in `[tool.harness]` of `pyproject.toml`. Every key has a default, so a project may have
none. This example has them all:

```toml
[tool.harness]
schema = "sql/migrations"      # or "none"
source = "sql_dir"             # the tool that keeps it, if its files do not tell
tests = ["pgtap_tests"]
pgtap = "builtin"              # or "extension"
pgtap_schema = "tap"           # where the built-in assertions are installed
jobs = 2                       # files at once
timeout = 60                   # seconds for one statement
bindir = "/usr/lib/postgresql/16/bin"
versions = [16, 18]            # the same run on each of them
server_user = "postgres"       # who runs the server if the harness runs as root
before = ["setup/roles.sql"]   # SQL that runs before the first migration
create_roles = false           # true: make the roles that GRANT or OWNER TO name
settings = { work_mem = "64MB" }
variables = { owner = "alice" }  # psql variables for test files
since = "auto"                 # with a pull request in CI, judge only what it changes
baseline = "0187_orders"       # this revision and those before it are applied and not judged
strict = false                 # true: advice and undecided results fail a run
fail_on = ["migrations:rewrite"] # or only these
command = ["npx", "knex", "migrate:latest"]        # with source = "command"
command_url = "DATABASE_URL"
command_tcp = false
command_down = "npx knex migrate:rollback --all"

[tool.harness.properties]      # see docs/properties.md
tenant = "user_id"

[tool.harness.migrations]      # see docs/migrations.md
blocked = 1.0

[tool.harness.mutation]        # see docs/mutation.md
min_score = 90

[tool.harness.access]          # see docs/access.md
record = "access.json"

[tool.harness.gate]
mutate = "changed"             # true: the gate breaks the whole schema
```

A hyphen may stand for an underscore: `fail-on`. An unknown key is an error (exit code 2). Paths are
relative to `pyproject.toml`.

[harness.schema.json](harness.schema.json) is a JSON Schema of `[tool.harness]` for editors. With
[Taplo](https://taplo.tamasfe.dev), which many editors use for TOML:

```toml title=".taplo.toml"
[[rule]]
include = ["pyproject.toml"]
keys = ["tool.harness"]
schema.path = "harness.schema.json"
```
"""
_ENVIRONMENT = """\
## Environment and places

| variable | meaning |
|---|---|
| `HARNESS_SERVER` | as `--server` |
| `HARNESS_CACHE_DIR` | the cache, instead of the platform's cache directory |
| `HARNESS_TEMP_DIR` | where temporary servers live, instead of memory or `/tmp` |
| `NO_COLOR`, `FORCE_COLOR` | no colours, or colours although standard output is no terminal |

`DATABASE_URL` and `PG*` are never read: a run must not reach production by accident.

**Databases.** On a server that you name, the harness creates and drops only databases whose names
begin with `harness_`.

**The cache** holds initialised data directories, findings of linters and builds of PostgreSQL. The
harness removes only directories that are named `harness-…`, have its marker `CACHEDIR.TAG` and
belong to the same account, 30 days after their last use.

**Temporary servers** live in memory (`/dev/shm`) if at least 2 GB are free there, else in the
temporary directory. Each listens on a Unix socket in a directory of mode 0700.

**In the project**, the harness writes only the reports and records that you ask for. If there are
Python checks, pytest leaves `.pytest_cache` and Python `__pycache__`.

This page is written by `python -m harness.cli.settings_reference`.
"""


def markdown() -> str:
    """The whole page."""
    said = documented()
    rows = [
        f"| `{key}` | {_kind(schema_of(key))} | {_default(key)} | {said[key]} |"
        for key in KEYS
        if key not in TABLES
    ]
    head = ["| key | type | default | meaning |", "|---|---|---|---|"]
    parts = [_INTRODUCTION, "## [tool.harness] { #tool-harness }\n", *head, *rows, ""]
    for name, keys in TABLES.items():
        parts += [f"## [tool.harness.{name}] {{ #tool-harness-{name} }}\n", *_table(keys), ""]
    return "\n".join([*parts, _ENVIRONMENT])


def _table(keys: Keys) -> Iterator[str]:
    yield from ("| key | type | meaning |", "|---|---|---|")
    for key, (kind, _, *meaning) in keys.items():
        yield f"| `{key}` | {_kind(_of(kind))} | {' '.join(meaning)} |"


def documented() -> dict[str, str]:
    """What the definition says of each key: the docstring below it."""
    body = ast.parse(inspect.getsource(Config)).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for one, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(one, ast.AnnAssign) and isinstance(after, ast.Expr):
            assert isinstance(one.target, ast.Name)
            text = inspect.cleandoc(ast.literal_eval(after.value))
            found[one.target.id] = " ".join(text.split()).replace("``", "`").replace("|", "\\|")
    return found


def _default(key: str) -> str:
    [field] = [one for one in fields(Config) if one.name == key]
    value = field.default if field.default_factory is MISSING else field.default_factory()
    if value in (None, (), {}, 0):
        return ""
    text = str(value).lower() if isinstance(value, bool) else json.dumps(value)
    return f"`{text}`"


def _of(kind: type | tuple[bool | str, ...]) -> dict[str, Any]:
    return {"enum": list(kind)} if isinstance(kind, tuple) else _TYPES[kind]


def _kind(schema: dict[str, Any]) -> str:
    """A JSON Schema in words."""
    if "oneOf" in schema:
        return " or ".join(map(_kind, schema["oneOf"]))
    if "enum" in schema:
        return " or ".join(f"`{json.dumps(one)}`" for one in schema["enum"])
    if schema["type"] == "array":
        return f"list of {schema['items']['type']}s"
    kind = str(schema["type"])
    return {"object": "table"}.get(kind, kind)


def schema_of(key: str) -> dict[str, Any]:
    """The JSON Schema of a key of ``[tool.harness]``."""
    if key in TABLES:
        keys = {
            name: {**_of(kind), "description": " ".join(meaning)}
            for name, (kind, _, *meaning) in TABLES[key].items()
        }
        return {"type": "object", "additionalProperties": False, "properties": keys}
    return _KINDS[converter(key).__name__]


def json_schema() -> str:
    """A JSON Schema of ``[tool.harness]``, draft 2020-12."""
    said = documented()
    properties: dict[str, Any] = {}
    for key in KEYS:
        one = {**schema_of(key), "description": said[key].replace("`", "")}
        properties |= {key: one, key.replace("_", "-"): one}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "pgtap-harness: [tool.harness] in pyproject.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }
    return json.dumps(schema, indent=2) + "\n"


if __name__ == "__main__":
    PAGE.write_text(markdown(), encoding="utf-8")
    SCHEMA.write_text(json_schema(), encoding="utf-8")
