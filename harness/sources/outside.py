"""Whether a schema brings in more than its files hold, so that it may be another one each time."""

from __future__ import annotations

import re

from harness.core.config import Config
from harness.core.digests import content
from harness.sources.base import SchemaSource

_OUTSIDE = re.compile(
    rb"\\copy\b|\b(?:pg_(?:read|ls|stat)_\w*(?:file|dir)|lo_import|dblink|postgres_fdw"
    rb"|file_fdw|foreign\s+data\s+wrapper|program)\b|\bcopy\b[^;]*?\bfrom\s+(?!stdin\b)(?:E?'|:)",
    re.IGNORECASE,
)
"""What brings in something that is in no file of the schema: it may differ each time."""


def closed(config: Config, source: SchemaSource) -> bool:
    """Whether nothing shows that the schema brings in more than its files hold.

    A word in a comment counts, too: what is not remembered is only tried again.
    """
    own = {path for one in source.migrations for path in (one.up, one.down) if path}
    paths = {*source.counted, *source.files, *config.before, *own}
    return not any(_OUTSIDE.search(content(path)) for path in paths)
