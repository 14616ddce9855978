"""The part that runs in a process of its own, with the project's Alembic; it imports none of ours.

::

    host.py       one request a line: fork, answer, wait
    project.py    the project's Alembic: its revisions, and running them
    redirect.py   whatever the project connects to, it is our database
    nothing.py    what stands for a connection where there is none
    reads.py      which files the project reads and imports
    identity.py   what tells our database from all others
    failures.py   an exception -> where it was raised, and what the server said
"""
