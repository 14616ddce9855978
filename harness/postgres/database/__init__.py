"""Databases: a template built once per schema, clones of it, and putting one back."""

from harness.postgres.database.database import (
    Database,
    Template,
    base_template,
    build_template,
    comment,
    stored_template,
    template_of,
)
from harness.postgres.database.restore import Baseline, PutBack

__all__ = [
    "Baseline",
    "Database",
    "PutBack",
    "Template",
    "base_template",
    "build_template",
    "comment",
    "stored_template",
    "template_of",
]
