"""Tapes: statements with the answers of the unbroken schema, to be replayed on mutants.

::

    tape.py       what a tape is
    recording.py  the steps of properties and probes as tapes
    playing.py    a tape on a connection: what differs first
"""

from harness.mutation.tapes.playing import Player
from harness.mutation.tapes.recording import recorded
from harness.mutation.tapes.tape import Difference, Move, Tape

__all__ = ["Difference", "Move", "Player", "Tape", "recorded"]
