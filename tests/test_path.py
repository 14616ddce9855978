"""How many modules one SQL test file passes on its way from the disk to the report."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.project import Project, output

MOST = 45
"""Where the project says where its schema is: to look for one takes another module."""
TRACED = """
import sys, threading
from pathlib import Path
from types import CodeType, FrameType

from harness.cli.main import main

folder, passed, reads = str(Path(sys.modules["harness"].__file__).parent), set(), []

def trace(frame: FrameType, event: str, argument: object) -> None:
    code = frame.f_code
    if code.co_filename.startswith(folder) and code.co_flags & 0x2:  # no module and no class
        passed.add(code.co_filename)

def opened(event: str, arguments: tuple) -> None:
    if event == "open" and str(arguments[0]).endswith("notes.sql"):
        reads.append(arguments[0])

sys.addaudithook(opened)
sys.setprofile(trace)
threading.setprofile(trace)
code = main(["test", "--schema", "sql/migrations", "pgtap_tests/notes.sql"])
sys.setprofile(None)
print(f"{len(passed)} modules, {len(reads)} reads")
print(*sorted(passed), sep="\\n")
sys.exit(code)
"""


@pytest.mark.usefixtures("cluster")  # which has put into the cache what else had to be made
def test_one_sql_file_passes_few_modules_and_is_read_twice(project: Project, tmp: Path):
    # With a server of its own: one that is lent would hide the modules that start it.
    done = project.run("-c", TRACED, program="python", HARNESS_TEMP_DIR=str(tmp))
    found = re.search(r"(\d+) modules, (\d+) reads\n(.*)", done.stdout, re.DOTALL)
    assert found is not None, output(done)
    assert int(found[1]) <= MOST, found[3]
    assert int(found[2]) <= 2
