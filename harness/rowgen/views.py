"""Views that can be inserted into, seen as the table that is behind them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from psycopg import sql

from harness.postgres.schema_model import Column, Constraint, Index, Schema, Table
from harness.rowgen.conditions import Condition, generating, judged_type, over
from harness.rowgen.expression import substituted

_ITEM = re.compile(r'(?:\w+\.)?("(?:[^"]|"")+"|\w+)(?:\s+AS\s+("(?:[^"]|"")+"|\w+))?\Z')
_QUERY = re.compile(r"\s*SELECT\s+(.*?)\s+FROM\s+(.*?)(?:\s+WHERE\s+(.*?))?;?\s*\Z", re.DOTALL)


def behind(table: Table, schema: Schema) -> tuple[Table, tuple[Condition, ...]]:
    """The view with what its table declares of the same columns, and its own WHERE.

    A view over more than one relation, or with INSTEAD OF triggers over anything, is left as
    it is: its columns have types, and the server says the rest.
    """
    base = schema.by_name.get(table.reads[0]) if len(table.reads) == 1 else None
    query = _QUERY.match(table.definition or "")
    if base is None or query is None:
        return table, ()
    if base.kind == "view":
        base, _ = behind(base, schema)
    source = _sources(query[1])
    shown = {source.get(c.name, c.name): c.name for c in table.columns}
    names = _quoted(shown) | _hidden(base, shown)
    columns = tuple(_seen(column, base, source, names) for column in table.columns)
    constraints = tuple(_renamed(c, shown) for c in base.constraints if {*c.columns} <= {*shown})
    indexes = tuple(_reading(i, shown) for i in base.indexes if {*i.reads} <= {*shown})
    seen = replace(table, columns=columns, constraints=constraints, indexes=indexes)
    where = substituted(_unqualified(query[3] or "true", query[2]), generating(base))
    where = substituted(where, names)
    return seen, (over(seen, "WITH CHECK OPTION", where, strict=True),)


def _unqualified(text: str, source: str) -> str:
    """Columns without the table's name or alias, which older versions print before them."""
    alias = re.escape(re.split(r"[\s.]", source)[-1])
    return re.sub(rf'(?<![\w."]){alias}\.', "", text)


def _sources(items: str) -> dict[str, str]:
    """The view's names of columns -> the table's."""
    found = (_ITEM.match(item.strip()) for item in items.split(","))
    return {_name(m[2] or m[1]): _name(m[1]) for m in found if m}


def _name(text: str) -> str:
    return text[1:-1].replace('""', '"') if text.startswith('"') else text


def _seen(column: Column, base: Table, source: dict[str, str], names: Mapping[str, str]) -> Column:
    name = source.get(column.name)
    known = next((c for c in base.columns if c.name == name), None)
    if known is None:
        return column
    # A view's column may have a default of its own.
    default = column.default or known.default
    return replace(
        known,
        table=column.table,
        name=column.name,
        default=default,
        generated=known.generated and substituted(known.generated, names),
        writable=column.writable,
    )


def _renamed(constraint: Constraint, names: Mapping[str, str]) -> Constraint:
    columns = tuple(names[name] for name in constraint.columns)
    text = constraint.expression
    return replace(
        constraint, columns=columns, expression=text and substituted(text, _quoted(names))
    )


def _reading(index: Index, names: Mapping[str, str]) -> Index:
    columns = tuple(name and names.get(name) for name in index.columns)
    return replace(index, columns=columns, reads=tuple(names[name] for name in index.reads))


def _hidden(base: Table, shown: Mapping[str, str]) -> dict[str, str]:
    """The columns that the view leaves out, as what an INSERT through it makes of them."""
    return {
        column.name: f"({column.default or 'NULL'})::{judged_type(column)}"
        for column in base.columns
        if column.name not in shown
    }


def _quoted(names: Mapping[str, str]) -> dict[str, str]:
    return {name: sql.Identifier(other).as_string(None) for name, other in names.items()}
