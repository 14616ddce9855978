"""What the tests share: servers, and commands that are run in forks.

::

    commands.py     a command in a fork of a process that has loaded everything
    fork_server.py  that process
"""
