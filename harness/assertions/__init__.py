"""The pgTAP-compatible assertions and the files that use them.

::

    sql/           the library, one family of assertions per file
    overloads.py   one definition -> all of its SQL overloads
    library.py     the family files -> the SQL that installs them
    isolation.py   which scripts can share a database
    runner.py      runs a file and collects its results
"""
