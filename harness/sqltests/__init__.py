"""SQL test files: found, read, selected, isolated from each other, and run several at once.

::

    options.py     what a run is asked for
    files.py       which files there are, and what they say once they are read
    selection.py   which of their assertions are wanted
    suite.py       running them, several at once
    runner.py      one file: runs it and collects its results
    isolation.py   which scripts can share a database
    databases.py   those databases: given out, and put back or given up
    directives.py  what a comment of a file asks for
    setup.py       what a file that others start from looks like
    setups.py      running those
    hints.py       what to do where one misses what another makes
    memory.py      what failed last time
    xunit.py       the test functions of a schema, as a file
"""

from harness.sqltests.files import find, read
from harness.sqltests.selection import Selection
from harness.sqltests.suite import Suite

__all__ = ["Selection", "Suite", "find", "read"]
