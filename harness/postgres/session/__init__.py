"""Sessions: run a script's statements over one connection, in psql's order.

::

    wire.py      Wire: statements out, answers in, over libpq's pipeline mode
    session.py   Session: the script's own order, variables and error handling
"""

from harness.postgres.session.session import PG_PROVE, Session, transaction_control
from harness.postgres.session.wire import Answer, Failure

__all__ = ["PG_PROVE", "Answer", "Failure", "Session", "transaction_control"]
