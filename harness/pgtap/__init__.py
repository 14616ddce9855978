"""The pgTAP-compatible assertions and the files that use them.

::

    sql/           the library, one family of assertions per file
    overloads.py   reads definitions: one of each assertion, for all its overloads
    render.py      a definition -> the SQL of its overloads
    reference.py   the family files -> the reference page
    library.py     the family files -> the SQL that installs them
    extension.py   CREATE EXTENSION pgtap in existing files
    search_path.py SET search_path in existing files
    isolation.py   which scripts can share a database
    runner.py      runs a file and collects its results
"""
