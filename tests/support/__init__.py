"""What the tests share: servers of every version, and commands that are run in forks.

::

    postgresql.py     PostgreSQL 14 to 17: where they are, and a program that fetches them
    versions.py       parameters for tests that run on each, and what is said of missing ones
    places.py         where temporary files are
    bytecode.py       written once for the processes of a run
    commands.py       a command in a fork of a process that has loaded everything
    fork_server.py    that process
    lender.py         running servers that these commands are lent
    alembic_forks.py  the processes of Alembic projects, forked
"""
