"""Rules about the catalog of a schema, one file each. A server that has the schema decides them.

To add a rule, write a module with a class that has the members of Rule, add a line to RULES, and
write a test. Modules with an underscore are parts that rules share.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from harness.core.errors import HarnessError
from harness.core.findings import Finding, Severity
from harness.core.registry import registered
from harness.core.results import NOWHERE
from harness.lint._identity import contents
from harness.lint._schema_unit import SchemaUnit
from harness.lint.base import NotSeen, Project, Unit
from harness.lint.catalog._places import Places
from harness.lint.catalog._rule import Objection, Rule
from harness.lint.catalog._view import View

RULES: tuple[type[Rule], ...] = registered(
    __name__,
    "rls_off_with_policies:RlsOffWithPolicies",
    "rls_off_beside_rls:RlsOffBesideRls",
    "rls_on_without_policy:RlsOnWithoutPolicy",
    "restrictive_alone:RestrictiveAlone",
    "policy_without_grant:PolicyWithoutGrant",
    "policy_always_true_write:PolicyAlwaysTrueWrite",
    "policy_always_true_beside_other:PolicyAlwaysTrueBesideOther",
    "policy_check_wider_than_using:PolicyCheckWiderThanUsing",
    "policy_names_itself:PolicyNamesItself",
    "policy_reads_own_table:PolicyReadsOwnTable",
    "policy_scalar_subquery:PolicyScalarSubquery",
    "policy_claim_cast:PolicyClaimCast",
    "policy_null_claim:PolicyNullClaim",
    "policy_user_metadata:PolicyUserMetadata",
    "policy_per_row_call:PolicyPerRowCall",
    "owner_view_over_rls:OwnerViewOverRls",
    "view_without_barrier:ViewWithoutBarrier",
    "definer_search_path:DefinerSearchPath",
    "definer_open:DefinerOpen",
    "leakproof_by_hand:LeakproofByHand",
    "column_grant_defeated:ColumnGrantDefeated",
    "excess_privilege:ExcessPrivilege",
    "role_bypasses:RoleBypasses",
    "partition_or_child_open:PartitionOrChildOpen",
    "not_validated:NotValidated",
    "invalid_index:InvalidIndex",
    "duplicate_index:DuplicateIndex",
    "disabled_trigger:DisabledTrigger",
    "unlogged_table:UnloggedTable",
    "narrow_key:NarrowKey",
    "no_primary_key:NoPrimaryKey",
    "null_record:NullRecord",
    "rule_computes_again:RuleComputesAgain",
    "immutable_reads:ImmutableReads",
    "view_loses_column:ViewLosesColumn",
    "action_refused:ActionRefused",
)

_MAY_MATTER = re.compile(
    rb"\b(?:GRANT|POLICY|SECURITY|LEAKPROOF|BYPASSRLS|UNLOGGED|NOT\s+VALID|DISABLE\s+TRIGGER"
    rb"|EXECUTE|INVALID|TRIGGER|RULE|IMMUTABLE|ON\s+UPDATE\s+CASCADE|SET\s+NULL)\b|^[ \t]*\\[a-z!]",
    re.IGNORECASE | re.MULTILINE,
)
"""What SQL says that the rules are about; ``EXECUTE code`` may."""


class CatalogRules:
    """The catalog of a schema, as a server has it."""

    name: ClassVar[str] = "catalog"
    reads: ClassVar[str] = ""
    on_a_server: ClassVar[bool] = True

    def __init__(self, project: Project) -> None:
        self._schema = SchemaUnit(project)
        self._project = project

    def units(self) -> Sequence[Unit]:
        """The schema as a whole; nothing where its files say nothing of access.

        This only saves a server: what SQL files do not show is looked for in the catalog.
        """
        source = self._project.source
        if source is None or self._shows_none:
            return []
        return [Unit((*self._schema.written, NOWHERE.path), self._schema.key("catalog"))]

    @property
    def _shows_none(self) -> bool:
        if not self._schema.is_in_files:
            return False
        return not any(_MAY_MATTER.search(contents(path)) for path in self._schema.counted)

    def lint(self, units: Sequence[Unit]) -> list[list[Finding]]:
        """What the rules object to. Raises NotSeen."""
        try:
            with self._project.applied() as connection:
                provided = self._project.source.provided if self._project.source else frozenset()
                ignore = [self._project.config.pgtap_schema, *provided]
                view = View.of(connection, ignore, provided)
                places = Places(self._schema.texts)
                return [sorted(set(self._of(view, places))) for _ in units]
        except HarnessError as error:
            raise NotSeen(error) from None

    def _of(self, view: View, places: Places) -> Iterator[Finding]:
        for rule in RULES:
            for one in rule().find(view):
                yield self._finding(rule, one, places)

    def _finding(self, rule: type[Rule], one: Objection, places: Places) -> Finding:
        at = places.of(one.object)
        severity: Severity = one.severity or rule.severity
        line, column = (at.line, 1) if at.path.name else (0, 0)
        return Finding(at.path, line, column, self.name, rule.id, one.message, severity)

    def fix(self) -> list[Path]:
        """Nothing: what was meant only its author knows."""
        return []


__all__ = ["RULES", "CatalogRules"]
