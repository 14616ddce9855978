"""What a migration must survive: up, down and up again, twice, with rows, while others work.

::

    step.py        Step: one revision's ways up and down, whatever tool keeps it
    trial.py       Trial: what became of one revision, as frozen values
    desk.py        Desk: databases to try steps on
    structure.py   the catalog after up, down and up; one by one against at once
    use.py         the same with rows, watched, and while a second session works
    stock.py       rows in every table, and what became of them
    many.py        more of the rows that are there
    watching.py    the locks of each statement
    second.py      the second session
    judgement.py   which locks are too much
    allowed.py     what comments and the configuration accept
    campaign.py    all of that for a source
"""

from harness.migrations.campaign import Campaign
from harness.migrations.revision_result import Limits, Locked, RevisionResult

__all__ = ["Campaign", "Limits", "Locked", "RevisionResult"]
