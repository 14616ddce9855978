"""A run: which steps there are, in what order, what stops what, and what is shown of them.

::

    progress.py      what a step tells while it works
    subprocesses.py  a step in a process of its own
    orchestrator.py  takes results from every step, shows and reports them, gives the exit code
    interruption.py  signals during a run
    console.py       what a person watches and reads
    lint.py, apply.py, migrations.py, properties.py: the steps
    gate.py          all of them, side by side
"""
