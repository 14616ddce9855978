"""Mutation testing: the schema with one change at a time, and who notices.

::

    declared.py           what the unbroken schema says, as frozen values
    operators/            make mutants of it, one file for each kind of object
    judge.py              what cannot be made, changes nothing, or is there twice
    transcripts/          the properties' evidence: statements with their answers
    replay.py             transcripts on each mutant
    mutation_campaign.py  every mutant against whoever may notice
"""
