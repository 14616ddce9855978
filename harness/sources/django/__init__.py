"""A schema that Django keeps: the project's own migrations, run against our database.

::

    source.py          Django, the SchemaSource
    child.py           what runs in a process with the project's Django; it imports none of ours
"""

from harness.sources.django.source import Django

__all__ = ["Django"]
