"""A run: which steps there are, in what order, what stops what, and what is shown of them.

::

    progress.py      what a step tells while it works, and who collects it
    subprocesses.py  a step in a process of its own
    orchestrator.py  shows and reports what was found, signals or not, and gives the exit code
    console.py       what a person watches and reads
    lint.py, apply.py, migrations.py, properties.py: the steps
    gate.py          all of them, side by side
"""
