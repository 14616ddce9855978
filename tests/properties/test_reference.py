"""The page of the property checks, and what every check has to say."""

from __future__ import annotations

import re
import tomllib

import pytest

from harness.core.config import PROPERTIES
from harness.properties import reference
from harness.properties.checks import CHECKS

PAGE = reference.PAGE.read_text("utf-8")


def test_the_page_is_what_the_checks_say() -> None:
    assert reference.markdown() == PAGE, "run: python -m harness.properties.reference"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_check_explains_itself(check) -> None:
    assert len(reference.explained(check)) > 150
    assert check.manual.startswith("https://www.postgresql.org/docs/current/")
    assert check.group in ("constraints", "sequences", "triggers", "isolation", "privileges")


def test_ids_are_unique() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS)


def test_the_configuration_on_the_page_is_all_of_it() -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert set(tomllib.loads(text)["tool"]["harness"]["properties"]) == set(PROPERTIES)
