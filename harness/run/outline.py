"""The outline of the schema under test, for a report that draws it."""

from __future__ import annotations

from harness.core.outline import Outline, OutlineColumn, OutlineKey, OutlineTable
from harness.instance import Instance
from harness.postgres.schema_model import Schema, Table


def outline(instance: Instance) -> Outline:
    """The tables and views of the project; a platform's own only where the project's refer to them.

    Raises HarnessError where the schema does not apply.
    """
    notes = [".".join(name) for name in instance.bookkeeping]
    with instance.template.cloned() as database, database.connect() as connection:
        schema = Schema.read(connection, [instance.config.pgtap_schema], notes)
    provided = instance.source.provided if instance.source else frozenset[str]()
    tables = [table for table in schema if not table.is_partition and table.kind != "partition"]
    own = [table for table in tables if table.name.schema not in provided]
    wanted = {key.target for table in own for key in table.foreign_keys}
    return tuple(_of(table) for table in tables if table in own or table.name in wanted)


def _of(table: Table) -> OutlineTable:
    primary = set(table.primary_key.columns) if table.primary_key else set[str]()
    columns = tuple(
        OutlineColumn(one.name, one.type_sql, one.not_null, one.name in primary)
        for one in table.columns
    )
    keys = tuple(
        OutlineKey(one.name, one.columns, str(one.target))
        for one in table.foreign_keys
        if one.target
    )
    return OutlineTable(table.name.schema, table.name.name, columns, keys, table.kind == "view")
