"""SQL test files: found, read, selected, isolated from each other, and run several at once.

::

    files.py   a file: what its comments and its name say, what it needs to run
    runner.py  one file on a database: its results
    suite.py   what is wanted of all files; those that all start from, then several at once
    xunit.py   the test functions of a schema, as a file
    shared_databases.py  the databases of files that roll back: put back, and given to the next
"""

from harness.core.files import find
from harness.sqltests.files import read
from harness.sqltests.suite import Selection, Suite

__all__ = ["Selection", "Suite", "find", "read"]
