"""Access: who may do what, tried.

::

    catalog.py      relations, policies, functions, roles, effective privileges
    inputs.py       what policies ask of a session, and of rows
    seeding.py      rows that tell principals and the arms of policies apart
    foreign.py      tables that stand in for those of other servers
    states.py       which values of a column the rows have that somebody reaches
    identities.py   who sessions are
    attempts.py     statements tried as somebody, and undone
    reading.py      what an identity sees of a relation
    writing.py      what it changes, adds, gives away and takes
    bypasses.py     what gets at rows that policies keep from it
    joining.py      memberships that it gives itself
    columns_*.py    columns that views show, and that it may not read
    survey.py       all of it, over a database
"""
