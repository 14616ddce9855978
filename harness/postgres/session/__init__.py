"""Sessions: run a script's statements over one connection, in psql's order.

::

    answers.py   Answer and Failure: what a statement gave
    wire.py      Wire: statements out, results in, over libpq's pipeline mode
    telling.py   psql's variables of the connection and of results
    session.py   Session: the script's own order, variables and error handling
"""

from harness.postgres.session.answers import Answer, Failure
from harness.postgres.session.session import PG_PROVE, Session, transaction_control

__all__ = ["PG_PROVE", "Answer", "Failure", "Session", "transaction_control"]
