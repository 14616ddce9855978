"""The pgTAP-compatible assertions: the library, and what installs, renders and documents it.

::

    sql/            the library, one family of assertions per file
    overloads.py    reads definitions: one of each assertion, for all its overloads
    render.py       a definition -> the SQL of its overloads
    reference.py    the family files -> the reference page
    library.py      the family files -> the SQL that installs them
    extension.py    CREATE EXTENSION pgtap in existing files
    search_path.py  SET search_path in existing files
    counts.py       how many assertions failed, whoever read their text
    tap.py          TAP text -> results and problems
"""
