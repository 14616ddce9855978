"""The SQL files of a run: found, read, selected, and run several at once.

::

    wanted.py      what a run is asked for
    files.py       which files there are, and what they say once they are read
    selection.py   which of their assertions are wanted
    suite.py       running them
    setups.py      those that all others start from
    hints.py       what to do where one misses what another makes
    memory.py      what failed last time
    xunit.py       the test functions of a schema, as a file
"""

from harness.suite.files import find, read
from harness.suite.selection import Selection
from harness.suite.suite import Suite

__all__ = ["Selection", "Suite", "find", "read"]
