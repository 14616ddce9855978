"""PostgreSQL, as far as it is not about tests.

::

    server/        binaries, data directories, a server's process
    cluster/       a running server, ephemeral or named; databases kept for a look
    database/      templates, clones, putting back what a test changed
    session/       statements over the wire, pipelined
    psql/          reads psql scripts: statements with file and line
    snapshot/      what a database contains, comparable and readable
    schema_model/  tables, constraints, triggers as values
"""
