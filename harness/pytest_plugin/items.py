"""An SQL assertion file as a pytest item."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.core.errors import HarnessError
from harness.core.results import Group
from harness.reports import failure_text
from harness.sqltests.files import AssertionFile

ResultOf = Callable[[AssertionFile], Group]


class SqlFile(pytest.File):
    """An SQL assertion file; ``read`` reads it, ``result`` gives what running it found."""

    def __init__(
        self, *, read: Callable[[Path], AssertionFile], result: ResultOf, **parent: Any
    ) -> None:
        super().__init__(**parent)
        self.read, self.result = read, result

    def collect(self) -> Iterator[pytest.Item]:
        """Yield one item: a script is run from its first line to its last.

        A script that cannot be served is an error of collection: nothing runs, exit code 2.
        """
        try:
            file = self.read(self.path)
        except HarnessError as error:
            raise self.CollectError(str(error)) from None
        item = SqlItem.from_parent(self, name=self.path.stem, file=file, result=self.result)
        for tag in file.tags:
            self.config.addinivalue_line("markers", f"{tag}: a tag of SQL files")
            item.add_marker(tag)
        yield item


class SqlFailed(Exception):  # noqa: N818  not an error of the harness
    """A file with failed assertions or problems."""

    def __init__(self, file: Group) -> None:
        super().__init__(f"{len(file.failures)} failed")
        self.file = file


class SqlItem(pytest.Item):
    """One SQL assertion file as a test."""

    def __init__(self, *, file: AssertionFile, result: ResultOf, **parent: Any) -> None:
        super().__init__(**parent)
        self.file, self.result = file, result

    def runtest(self) -> None:
        """Take the file's result."""
        file = self.result(self.file)
        if self.file.sets_up and not file.results and not file.problems:
            pytest.skip("a setup that tests nothing")
        if file.all_skipped and file.results:
            pytest.skip(file.results[0].reason or "every assertion is skipped")
        if not file.passed:
            raise SqlFailed(file)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show each failure with its line of the file."""
        if isinstance(excinfo.value, SqlFailed):
            return failure_text.of_file(excinfo.value.file, self.config.invocation_params.dir)
        if isinstance(excinfo.value, HarnessError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Name the item by its file."""
        return self.path, None, self.name
