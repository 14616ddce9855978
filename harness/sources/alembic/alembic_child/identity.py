"""What tells one database from all others; asked by both sides, so it imports nothing."""

IDENTITY = (
    "SELECT concat_ws(' ', oid, extract(epoch FROM pg_postmaster_start_time()))"
    " FROM pg_database WHERE datname = current_database()"
)
"""What no two databases have in common."""
