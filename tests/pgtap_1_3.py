"""What pgTAP 1.3.5 prints where it differs from 1.2.0, which is what distributions have."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "data" / "pgtap_1_3"
SETUP = FOLDER / "setup.sql"
SPELLINGS = FOLDER / "spellings.json"
_NUMBERS = re.compile(r"(?:(?<=ok )|(?<=test ))\d+|(?<=pg_temp_)\d+")


@dataclass(frozen=True, slots=True)
class Observed:
    """A statement with what both versions print."""

    statement: str
    older: str
    newer: str


def calls() -> list[Observed]:
    """The calls that are made after SETUP."""
    return list(_read("calls.jsonl", None))


def corpus(name: str) -> list[Observed]:
    """The statements of a file of the corpus that 1.3.5 answers otherwise than 1.2.0."""
    return list(_read("corpus.jsonl", name))


def unnumbered(text: str) -> str:
    """An output without the numbers of tests and of temporary schemas."""
    return _NUMBERS.sub("N", text)


def newer(corpus_name: str, answers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What 1.2.0 answers to a corpus -> what 1.3.5 does, without numbers where they differ."""
    known = {(o.statement, unnumbered(o.older)): o.newer for o in corpus(corpus_name)}
    return [
        (statement, known.get((statement, unnumbered(outcome)), outcome))
        for statement, outcome in answers
    ]


def spelling(statement: str, ours: str) -> tuple[str, str]:
    """What SPELLINGS holds for a statement and what ours prints."""
    digests = (hashlib.sha256(text.encode()).hexdigest()[:16] for text in (statement, ours))
    return next(digests), next(digests)


def spelt(statement: str, ours: str) -> bool:
    """Whether this is what was read and approved for a statement with types in other spellings."""
    key, digest = spelling(statement, unnumbered(ours))
    return digest in approved().get(key, "").split()


@cache
def approved() -> dict[str, str]:
    """Digest of a statement -> digests of what ours prints, wherever a corpus has it."""
    found: dict[str, str] = json.loads(SPELLINGS.read_text("utf-8"))
    return found


def _read(file: str, of_corpus: str | None) -> Iterator[Observed]:
    for line in (FOLDER / file).read_text("utf-8").splitlines():
        row = json.loads(line)
        if row.get("corpus") == of_corpus:
            yield Observed(row["statement"], row["pgtap_1_2"], unnumbered(row["pgtap_1_3"]))
