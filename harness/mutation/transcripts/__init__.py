"""Transcripts: statements with the answers of the unbroken schema, to be replayed on mutants.

::

    transcript.py  what a transcript is
    recording.py   the steps of properties and probes as transcripts
    replaying.py   a transcript on a connection: what differs first
"""

from harness.mutation.transcripts.recording import recorded
from harness.mutation.transcripts.replaying import Replayer
from harness.mutation.transcripts.transcript import Difference, RecordedStatement, Transcript

__all__ = ["Difference", "RecordedStatement", "Replayer", "Transcript", "recorded"]
