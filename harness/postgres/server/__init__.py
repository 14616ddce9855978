"""An ephemeral server as a process: where its programs are, who runs it, where it lives.

::

    binaries.py    where initdb and postgres are
    account.py     who runs the server when we are root
    cache.py       directories that are built once and kept
    temporary.py   where an ephemeral server lives
    preload.py     what it has from its first moment
    datadir.py     an initialised data directory, from the cache
    process.py     ServerProcess: launched, told, waited for
    supervisor.py  its parent process, which cleans up whatever happens to us

Nothing here connects to a server, or imports what does: the server starts while the rest of
the harness is loaded.
"""
