"""Belonging: whose the rows of a relation are, as far as columns and those who see them tell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from harness.access.attempts import Attempts
from harness.access.catalog import Catalog, Relation, Role
from harness.access.classes import Ids, Visibility
from harness.access.identities import NOBODY, Identity
from harness.access.inputs import Inputs
from harness.access.reading import Reader, holding, places_with
from harness.access.seeding import Seeded, Seeds
from harness.access.values import Row
from harness.postgres.schema_model import Table

_TEMPLATES = 14


@dataclass
class Belonging:
    """Of one role, and one relation: a table or a view through which it can be written."""

    attempts: Attempts
    catalog: Catalog
    inputs: Inputs
    seeds: Seeds
    reader: Reader
    relation: Relation
    role: Role

    @cached_property
    def base(self) -> Relation | None:
        """The table that holds the rows."""
        return self.reader.base(self.relation)

    @cached_property
    def visible(self) -> Visibility:
        """What is seen of its rows: through the view where that tells."""
        assert self.base is not None
        own = self.reader.visible(self.relation, self.role)
        read_query = self.reader.read_query(self.relation, self.role)
        if self.relation is self.base or (read_query is not None and read_query.base is self.base):
            return own
        return self.reader.visible(self.base, self.role)

    @cached_property
    def rows(self) -> list[Seeded]:
        """Rows of the table to make others like."""
        assert self.base is not None
        found, seen = list[Seeded](), set[object]()
        below = [r for r in self.catalog.relations if self.base in self.catalog.above(r)]
        for relation in (self.base, *below):
            for row in self.seeds.rows.get(relation.name, ()):
                key = tuple(row.stored.get(name) for name in self.telling)
                if key not in seen:
                    seen.add(key)
                    found.append(row)
        keys = {n for key in self.table.foreign_keys for n in key.columns} if self.table else set()
        whose = [name for name in self.telling if name in keys | self.inputs.principal]
        known = [{r.stored.get(n) for r in found if r.principal is not None} for n in whose]
        # Between principals first, then what refers to variations.
        found.sort(
            key=lambda row: any(
                row.stored.get(n) not in values for n, values in zip(whose, known, strict=True)
            )
        )
        return found[:_TEMPLATES]

    def anothers(self, identity: Identity) -> Ids:
        """Rows that only others see, without those that are its own by name.

        A comment of its own on a page that it does not see any more is nobody else's.
        """
        anothers = self.visible.anothers(identity)
        if self.base is None or identity.principal is None:
            return anothers
        reads = [read for policy in self.catalog.of(self.base) for read in policy.reads]
        asked = {oid for oid, _ in reads}
        own = {name for oid, name in reads if oid == self.base.oid and name is not None}
        for key in self.table.foreign_keys if self.table else ():
            target = self.catalog.by_name.get(key.target) if key.target else None
            if target is not None and target.oid in asked:
                own -= {*key.columns}  # whose that is, the other table says
        mine = self.seeds.principal(self.base.name, identity.principal) or {}
        row = {name: mine.get(name) for name in own & self.inputs.principal}
        return anothers - self.ids_of(row) if row and all(row.values()) else anothers

    def left_out(self, identity: Identity) -> Ids:
        """What it sees of somebody's rows of which others are hidden from everybody: deleted ones.

        Nothing of what anybody sees, and where conditions read nothing that says whose a row is.
        """
        read_query = self.reader.read_query(self.relation, self.role)
        if (
            read_query is None
            or read_query.base is None
            or read_query.base is not self.base
            or not self._groups
        ):
            return frozenset()
        seen = self.visible.seen.get(identity.name, frozenset())
        hidden = self.visible.total - seen - self.visible.others(identity)
        without = {self._whose_of[place] for place in hidden if place in self._whose_of}
        public = self.visible.seen.get(NOBODY, frozenset())
        return frozenset(p for p in seen - public if self._whose_of.get(p) in without)

    @cached_property
    def _groups(self) -> list[str]:
        """What says whose a row is, and is the same in several rows."""
        keys = self.table.keys if self.table else ()
        alone = {key.columns[0] for key in keys if len(key.columns) == 1}
        return [name for name in self.whose if name not in alone]

    @cached_property
    def _whose_of(self) -> dict[str, str]:
        """Where a row is stored -> what says whose it is."""
        assert self.base is not None
        pairs = self.reader.as_superuser(places_with(self.base, self._groups))
        return dict(pair.split(" ", 1) for pair in pairs)

    @cached_property
    def telling(self) -> list[str]:
        """The columns in which rows differ, as conditions see them."""
        assert self.base is not None
        names = {column.name for column in self.base.columns}
        return [name for name in self.inputs.of_relation(self.base) if name in names]

    @cached_property
    def table(self) -> Table | None:
        """The same as the schema model has it."""
        return self.reader.schema.by_name.get(self.base.name) if self.base else None

    def ids_like(self, row: Row) -> Ids:
        """Where the rows are stored that are the same in what conditions read."""
        return self.ids_of({name: row.get(name) for name in self.telling})

    def ids_of(self, row: Row) -> Ids:
        """Where the rows are stored that hold these values."""
        assert self.base is not None
        where = holding(row).as_string(None)
        return self.reader.as_superuser(f"{self.base.places} WHERE {where}")

    @cached_property
    def whose(self) -> list[str]:
        """Columns that say whose a row is: several values, and conditions read them."""
        assert self.base is not None
        table = self.table
        keys = {n for key in table.foreign_keys for n in key.columns} if table else set[str]()
        found = []
        for name in self.telling:
            column = self.base.column(name)
            telling = name in keys or name in self.inputs.principal | self.inputs.looked_up
            if telling and column.settable and len(self.values_of(name)) > 1:
                found.append(name)
        return found

    def values_of(self, name: str) -> list[str]:
        """What principals' rows hold in a column, of a few of them."""
        every = (row.stored.get(name) for row in self.rows if row.principal is not None)
        return list(dict.fromkeys(text for text in every if text is not None))[:3]
