"""Scripts read alike by ``re`` and by ``regex``, whichever of them a Python uses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FILES = sorted(Path(__file__).parent.rglob("*.sql"))
ODDITIES = """\
SELECT "a""b" || 'c''d' || E'\\'e' || U&'\\0061', $$f;$$, $é$g;$é$, 1.e'\\', $1x, a$b, é1;
SELECT (((1 + (2)) - -3) / 4), a::b, c:=d, :e, :'f', :"g", :{?h} -- ;
/* /* ; */ */; SELECT ']`~{|}', a[1:2], @-1, 'x' :bad, ~~*; \\echo 'a'':b' "c"
"""
READ = """
import sys
from pathlib import Path
sys.version_info = tuple(map(int, sys.argv[1].split(".")))
from harness.postgres.psql import Script
print("regex" if "regex" in sys.modules else "re")
for name in sys.argv[2:]:
    print(name, [tuple(item) for item in Script.open(Path(name)).statements()])
"""


@pytest.mark.skipif(sys.version_info < (3, 11, 5), reason="re reads some of them wrongly here")
def test_re_and_regex_read_scripts_alike(tmp_path: Path):
    odd = tmp_path / "odd.sql"
    odd.write_text(ODDITIES, encoding="utf-8")
    by_re, by_regex = (read(python, [odd, *FILES]) for python in ("3.11.5", "3.11.4"))
    assert by_re.count("\n") == len(FILES) + 2
    assert by_re == by_regex.replace("regex\n", "re\n", 1)


def read(python: str, files: list[Path]) -> str:
    command = [sys.executable, "-c", READ, python, *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
