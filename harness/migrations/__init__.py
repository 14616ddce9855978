"""What a migration must survive: up, down and up again, twice, with rows, while others work.

::

    step.py                one revision's up and down migrations, whatever tool keeps it
    schema_pass.py         the catalog after up, down and up; one by one against at once
    data_pass.py           the same with rows, watched, and while another session works
    scratch_database.py    databases to try steps on
    down_difference.py     what a down left otherwise: what is wrong, what cannot be helped
    table_data.py          rows in every table
    losses.py              what became of them
    fitting_rows.py        rows that fit what a revision adds to the tables
    bulk_rows.py           more of the rows that are there
    lock_observer.py       the locks of each statement
    lock_findings.py       which locks are in others' way, and the words for that
    concurrent_session.py  the other session
    revision_result.py     what became of one revision, as frozen values
    rules/                 what is judged of what both passes saw: one file a rule
    allowed.py             what comments and the configuration accept
    campaign.py            all of that for a source
    report.py              revisions as results
"""

from harness.migrations.campaign import Campaign
from harness.migrations.revision_result import Limits, Locked, RevisionResult

__all__ = ["Campaign", "Limits", "Locked", "RevisionResult"]
