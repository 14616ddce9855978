"""Notes: what became of each change, in plain words. No content of a row is in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import psycopg

from harness.postgres.database.shared.state import Change

_QUIET = "pg_shdepend"
"""The catalog that follows from the others, and so is news to nobody."""


def notes(
    found: Sequence[Change], left: Sequence[Change], reasons: Mapping[str, str], owned: bool
) -> tuple[str, ...]:
    """What to say of the changes that were ``found``, some of which are ``left``.

    ``reasons`` has the server's words for subjects that it refused.
    """
    remaining = {(change.catalog, change.key) for change in left}
    done = [change for change in found if (change.catalog, change.key) not in remaining]
    new = _new(found)
    said = [*_removed(done, new), *(_restored(done, new) if owned else ())]
    for change in left:
        if change.created or change.row.object not in new:
            said.append(_left(change, _replaced(found), reasons, owned))
    return tuple(dict.fromkeys(filter(None, said)))


def reason(error: psycopg.Error) -> str:
    """The server's words on one line."""
    detail = "; ".join((error.diag.message_detail or "").splitlines())
    text = error.diag.message_primary or " ".join(str(error).split())
    return f"{text} ({detail})" if detail else text


def _new(found: Sequence[Change]) -> set[str]:
    """The objects that were not there before, by name."""
    return {change.row.object for change in found if change.created} - _known(found)


def _replaced(found: Sequence[Change]) -> set[str]:
    """The objects that were dropped and made again, by name."""
    return {change.row.object for change in found if change.created} & _known(found)


def _known(found: Sequence[Change]) -> set[str]:
    return {c.before.object for c in found if c.before is not None and not c.before.aspect}


def _removed(done: Iterable[Change], new: set[str]) -> Iterator[str]:
    for change in done:
        if change.created and change.row.object in new:
            yield f"removed {change.row.object}"


def _restored(done: Iterable[Change], new: set[str]) -> Iterator[str]:
    """What was written back, but for what only hung on new objects."""
    for change in done:
        if change.catalog != _QUIET and not change.created and change.row.object not in new:
            yield f"restored {change.row.subject}"


def _left(
    change: Change, replaced: set[str], reasons: Mapping[str, str], owned: bool
) -> str | None:
    subject = change.row.subject
    if subject in reasons or owned:
        what = "remove" if change.created and subject not in replaced else "restore"
        return f"could not {what} {subject}: {reasons.get(subject, 'the server does not say why')}"
    if change.catalog == _QUIET:
        return None
    verb = _verb(change, subject in replaced)
    return f"{subject} {verb} while the file ran: left alone, the server is not ours"


def _verb(change: Change, replaced: bool) -> str:
    if change.row.aspect or replaced:
        return "changed"
    if change.before is None:
        return "appeared"
    return "disappeared" if change.after is None else "changed"
