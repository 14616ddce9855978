"""SQL test files: found, read, selected, isolated from each other, and run several at once.

::

    files.py      a file: what its comments and its name say, what it needs to run
    isolation.py  which scripts can share a database
    databases.py  databases that several files use, and what becomes of them
    runner.py     one file: runs it and collects its results
    selection.py  what a run is asked for: which files, which of their assertions
    setups.py     files that all others start from
    suite.py      running them several at once, and what is said and remembered of it
    xunit.py      the test functions of a schema, as a file
"""

from harness.core.files import find
from harness.sqltests.files import read
from harness.sqltests.selection import Selection
from harness.sqltests.suite import Suite

__all__ = ["Selection", "Suite", "find", "read"]
