"""Definition -> the SQL statements that create its overloads."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.pgtap.overloads import Definition, Overload

_ARGUMENT = re.compile(r"(?<![:\w]):([a-z_]+)")


def render(definition: Definition) -> Iterator[str]:
    """The SQL statements that create every overload of a definition, with its comment."""
    overloads = definition.overloads
    name = definition.name
    if len(overloads) == 1:
        yield _function(name, overloads[0], _body(definition, dict(overloads[0].arguments)))
    else:
        yield _private(definition)
        for overload in overloads:
            yield _function(name, overload, _call(definition, overload))
    summary = definition.documentation.splitlines()[0].replace("'", "''")
    for overload in overloads:
        yield f"COMMENT ON FUNCTION tap.{name}({overload.types}) IS '{summary}';"


def _private(definition: Definition) -> str:
    parameters = definition.parameters
    whole = Overload(tuple(parameters.items()), definition.signatures[0])
    return _function("_" + definition.name, whole, _body(definition, parameters))


def _body(definition: Definition, parameters: dict[str, str]) -> str:
    return _bind(definition.body, {name: f"${i}" for i, name in enumerate(parameters, start=1)})


def _bind(text: str, values: dict[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        return values.get(match[1], match[0])

    return _ARGUMENT.sub(value, text)


def _function(name: str, overload: Overload, body: str) -> str:
    language = "sql" if body.upper().startswith("SELECT") else "plpgsql"
    return (
        f"CREATE FUNCTION tap.{name}({overload.types}) RETURNS {overload.signature.returns}"
        f" LANGUAGE {language} AS $fn$\n{body}\n$fn$;"
    )


def _call(definition: Definition, overload: Overload) -> str:
    """The body of an overload: one call of the private function."""
    parameters = definition.parameters
    given = {
        name: _value(name, f"${i}", type_, parameters[name])
        for i, (name, type_) in enumerate(overload.arguments, start=1)
    }
    missing = {name: value for name, value in definition.defaults.items() if name not in given}
    if "description" in missing and overload.signature.describe is not None:
        raw = {name: f"${i}" for i, (name, _) in enumerate(overload.arguments, start=1)}
        described = _bind(overload.signature.describe, missing | raw)
        if "schema" in raw and ":schema" in overload.signature.describe:
            described = f"CASE WHEN {raw['schema']} IS NOT NULL THEN {described} END"
        missing["description"] = described
    values = ", ".join((given | missing)[name] for name in parameters)
    rows = "* FROM " if "setof" in overload.signature.returns else ""
    return f"SELECT {rows}tap._{definition.name}({values})"


def _value(name: str, argument: str, given: str, wanted: str) -> str:
    if given != wanted and wanted == f"{given}[]":
        return f"ARRAY[{argument}]"
    if name == "schema" and given == wanted:
        return f"coalesce({argument}, '')"
    return argument if given == wanted else f"{argument}::{wanted}"
