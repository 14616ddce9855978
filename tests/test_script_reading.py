"""The reader's rules, one by one."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from harness.core.errors import ScriptError
from harness.postgres.psql import Discard, Echo, Gexec, Gset, Reconnect, Script, Statement

HERE = Path("x.sql")


def read(text: str, **variables: str) -> list[Statement | Echo | Reconnect]:
    return list(Script.parse(text, HERE, variables))


def sql(text: str, **variables: str) -> list[str]:
    return [item.sql for item in read(text, **variables) if isinstance(item, Statement)]


def echoed(text: str, **variables: str) -> list[str]:
    return [item.text for item in read(text, **variables) if isinstance(item, Echo)]


def write(folder: Path, **files: str | bytes) -> Path:
    """Write ``name.sql`` for each file; the path of ``main.sql``."""
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / f"{name}.sql").write_bytes(data)
    return folder / "main.sql"


def refused(text: str) -> str:
    with pytest.raises(ScriptError) as caught:
        Script.parse(text, HERE).check()
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("SELECT 1; SELECT 2", ["SELECT 1;", "SELECT 2"]),
        ("SELECT ';', E'\\';', U&';', N';', \"a;b\";", None),
        ("SELECT 'it''s;', 'a\n\n;b';", None),
        ("SELECT $$;$$, $a$;$$;$a$, $é1$;$é1$, $a$ $a1$ ;$a$;", None),
        ("SELECT a$b$c; SELECT 2;", ["SELECT a$b$c;", "SELECT 2;"]),
        ("SELECT /* ; /* ; */ ; ' */ 1;", None),
        ("SELECT 1 -- ; '\n, 2;", None),
        ("CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT (2); SELECT 3);", None),
        ("SELECT ((((((1; 2))))));", None),
        ("SELECT 1) ; SELECT 2;", ["SELECT 1) ;", "SELECT 2;"]),
        ("SELECT 1 \\; SELECT 2;", ["SELECT 1 ; SELECT 2;"]),
        ("create Function f() returns int begin atomic select 1; select case when 1 then (case "
         "when 2 then 3 end) end; end; SELECT 2;", 2),
        ("create or /* x */ replace\nprocedure p() Begin Atomic select 1; END; SELECT 2;", 2),
        ("BEGIN; SELECT 1; END;", 3),
        ("CREATE TABLE t (); BEGIN; SELECT 1; END;", 4),
        ("CREATE FUNCTION f() AS $$ begin x; end $$; SELECT 1;", 2),
        ("SELECT 1.e'\\'; SELECT 2;", 2),
        ("CREATE FUNCTION f() RETURN case; SELECT 2;", 2),
    ],
)  # fmt: skip
def test_semicolons_end_statements_only_where_psql_says(
    text: str, statements: list[str] | int | None
) -> None:
    found = sql(text)
    if isinstance(statements, int):
        assert len(found) == statements
    else:
        assert found == (statements or [text])


def test_empty_lines_go_and_lines_are_still_known() -> None:
    text = "-- head\n\n/* c */\n\nSELECT\n\n\n  1,\n'a\n\nb';\nSELECT 2;"
    first, second = read(text)
    assert isinstance(first, Statement)
    assert first.sql == "/* c */\nSELECT\n  1,\n'a\n\nb';"
    assert first.line == 5
    assert first.line_at(first.sql.index("1,")) == 8
    assert first.line_at(first.sql.index("b'")) == 11
    assert isinstance(second, Statement)
    assert (second.line, second.path) == (12, HERE)


def test_a_line_with_only_a_command_leaves_no_trace() -> None:
    assert sql("SELECT 1,\n\\set x 2\n:x;") == ["SELECT 1,\n2;"]


def test_variables_are_put_in_outside_quotes_only() -> None:
    text = "SELECT :x, :'x', :\"x\", :{?x}, :{?y}, ':x', $$:x$$, /* :x */ a::x, x:=x, a[1:2], :y;"
    assert sql(text, x="b") == [
        "SELECT b, 'b', \"b\", TRUE, FALSE, ':x', $$:x$$, /* :x */ a::x, x:=x, a[1:2], :y;"
    ]


def test_values_are_quoted_as_libpq_does() -> None:
    assert sql("SELECT :'v', :\"v\";", v="a'b\\\"c") == ["SELECT  E'a''b\\\\\"c', \"a'b\\\"\"c\";"]


def test_a_value_is_read_as_script() -> None:
    assert sql(":q", q="SELECT 1; SELECT :r;\\set r 3 \\\\ :'r';", r="2") == [
        "SELECT 1;",
        "SELECT 2;",
        "'3';",
    ]


def test_a_variable_in_its_own_value_is_left_alone() -> None:
    items = read("SELECT :a;", a=":b", b=":a")
    assert isinstance(items[0], Echo)
    assert items[0].stream == "stderr"
    assert sql("SELECT :a;", a=":b", b=":a") == ["SELECT :a;"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("a  b", "a b\n"),
        ("-n a", "a"),
        ("'-n' a", "-n a\n"),
        ("'it''s' 'a\\tb\\'c\\x41\\101\\303\\251'", "it's a\tb'cAAé\n"),
        ('"a  b"c', '"a  b"c\n'),
        ("x:v'y'z", "x1 2yz\n"),
        (":'v' :\"v\" :{?v} :w", "'1 2' \"1 2\" TRUE :w\n"),
        ("a; b", "a; b\n"),
        ("", "\n"),
        ("a \\\\ SELECT 1;", "a\n"),
    ],
)
def test_arguments_are_read_as_psql_does(arguments: str, text: str) -> None:
    assert echoed("\\echo " + arguments, v="1 2") == [text]


def test_echoes_name_their_stream_and_line() -> None:
    assert read("\n\\warn a\n\\qecho b") == [
        Echo("a\n", HERE, 2, "stderr"),
        Echo("b\n", HERE, 3, "stdout"),
    ]


def test_extra_arguments_are_warned_about() -> None:
    assert echoed("\\unset a b") == ['\\unset: extra argument "b" ignored\n']


def test_set_joins_its_arguments_and_unset_forgets() -> None:
    script = Script.parse(
        "\\set a b 'c d' :e\n\\set f\n\\unset g\n\\set", HERE, {"e": "1", "g": ""}
    )
    list(script)
    assert script.variables["a"] == "bc d1"
    assert script.variables["f"] == ""
    assert "g" not in script.variables


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("\\set ON_ERROR_STOP", "on"),
        ("\\set ON_ERROR_STOP 1", "1"),
        ("\\set ON_ERROR_STOP on\n\\unset ON_ERROR_STOP", "off"),
        ("", "off"),
    ],
)
def test_special_variables_behave_as_in_psql(text: str, value: str) -> None:
    script = Script.parse(text, HERE)
    list(script)
    assert script.variables["ON_ERROR_STOP"] == value


@pytest.mark.parametrize("word", ["true", "T", "tr", "yes", "y", "on", "1"])
def test_true_words(word: str) -> None:
    text = f"\\if {word}\n\\echo y\n\\else\n\\echo n\n\\endif"
    assert echoed(text) == ["y\n"]


@pytest.mark.parametrize("word", ["false", "f", "no", "off", "of", "0", "", "o", "2", ":nox"])
def test_false_words_and_no_words(word: str) -> None:
    *warnings, last = echoed(f"\\if {word}\n\\echo y\n\\else\n\\echo n\n\\endif")
    assert last == "n\n"
    assert bool(warnings) == (word in ("", "o", "2", ":nox"))


def test_branches() -> None:
    text = (
        "\\if :a\nSELECT 1; \\if 0\nSELECT 2;\n\\else\nSELECT 3;\n\\endif\n"
        "\\elif :b\nSELECT 4;\n\\elif 1\nSELECT 5;\n\\else\nSELECT 6;\n\\endif"
    )
    assert sql(text, a="1", b="1") == ["SELECT 1;", "SELECT 3;"]
    assert sql(text, a="0", b="1") == ["SELECT 4;"]
    assert sql(text, a="0", b="0") == ["SELECT 5;"]


def test_branches_inside_a_statement() -> None:
    text = "SELECT (\n\\if :a\n1)\n\\else\n2)\n\\endif\n;"
    assert sql(text, a="1") == ["SELECT (\n1)\n;"]
    assert sql(text, a="0") == ["SELECT (\n2)\n;"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\n\\else", 2),
        ("\\endif", 1),
        ("\\if 1\n\\else\n\\elif 1\n\\endif", 3),
        ("\\if 1\n\\else\n\\else", 3),
        ("SELECT 1;\n\\if 1\nSELECT 2;", 2),
    ],
)
def test_unbalanced_branches_are_errors(text: str, line: int) -> None:
    assert refused(text).startswith(f"x.sql:{line}: \\")


def test_results_are_seen_by_what_follows() -> None:
    script = Script.parse("SELECT 1 AS a \\gset p_\n\\if :p_a\nSELECT :'p_a';\n\\endif", HERE)
    items = iter(script)
    first = next(items)
    assert isinstance(first, Statement)
    assert (first.sql, first.after) == ("SELECT 1 AS a ", Gset("p_"))
    script.variables["p_a"] = "1"
    second = next(items)
    assert isinstance(second, Statement)
    assert (second.sql, second.line) == ("SELECT '1';", 3)


def test_sending_commands() -> None:
    text = "SELECT 1 \\g (format=csv footer)\n\\gexec\nSELECT 2 \\gx\nSELECT 3\n\\r\n\\gset"
    statements = [(s.sql, s.after) for s in read(text) if isinstance(s, Statement)]
    assert statements == [
        ("SELECT 1 ", None),
        ("SELECT 1 ", Gexec()),
        ("SELECT 2 ", None),
        ("SELECT 2 ", Gset("")),
    ]


def test_results_that_go_nowhere() -> None:
    text = (
        "\\o /dev/null\nSELECT 1;\nSELECT 2 \\gset\n\\qecho a\n\\echo b\n\\o\nSELECT 3;\n"
        "SELECT 4 \\g /dev/null\n"
    )
    one, two, echo, three, four = Script.parse(text, HERE)
    assert [item.after for item in (one, two, three, four)] == [Discard(), Gset(), None, Discard()]
    assert echo.text == "b\n"


@pytest.mark.parametrize(
    "command",
    ["\\d", "\\d+ t", "\\dt", "\\dnS+", "\\sf f(int)", "\\h 'x", "\\?", "\\l", "\\conninfo"],
)
def test_what_only_shows_things_sends_nothing(command: str) -> None:
    (only,) = Script.parse(f"{command}\nSELECT 1;\n", HERE)
    assert (only.sql, only.line) == ("SELECT 1;", 2)


def test_reconnecting() -> None:
    assert read("\\c\n\\connect - -;\n\\c -") == [Reconnect(HERE, line) for line in (1, 2, 3)]


def test_formatting_commands_do_nothing() -> None:
    text = "\\pset null '(x)'\n\\t on \\a \\x\n\\f ,\\H\n\\timing off\n\\errverbose \\p"
    assert read(text) == []


def test_quit_ends_the_file_and_sends_what_is_pending() -> None:
    assert sql("SELECT 1\n\\q\nSELECT 2; \\!") == ["SELECT 1"]
    assert sql("\\if 1\n\\q\nSELECT 2;") == []


@pytest.mark.parametrize(
    ("statement", "data"),
    [
        ("COPY t FROM stdin;", "1\n\n2\\.\n"),
        ('copy s."t;" (a, b) /* x */ from -- y\n STDIN with (format csv);', "1\n"),
        ("COPY binary t FROM STDIN;", ""),
        ("SELECT 1 \\; COPY t FROM STDIN;", "1\n"),
        ("\\copy t from stdin csv", "1\n"),
    ],
)
def test_inline_data_belongs_to_its_copy(statement: str, data: str) -> None:
    first, second = read(f"{statement}\n{data}\\.\nSELECT 2;")
    assert isinstance(first, Statement)
    assert isinstance(second, Statement)
    assert (first.data, second.sql, second.data) == (data, "SELECT 2;", None)


@pytest.mark.parametrize(
    "text",
    [
        "COPY t FROM 'stdin';",
        "COPY t TO STDOUT;",
        "COPY (SELECT a FROM stdin) TO STDOUT;",
        "SELECT 1 AS copy FROM stdin;",
    ],
)
def test_other_statements_have_no_data(text: str) -> None:
    assert sql(text + "\nSELECT 1;") == [text, "SELECT 1;"]


def test_data_without_an_end_goes_to_the_end_of_the_file() -> None:
    (item,) = read("COPY t FROM stdin;\n1\n2")
    assert isinstance(item, Statement)
    assert item.data == "1\n2"


def test_data_in_a_dead_branch_is_passed_over() -> None:
    copies = "COPY t FROM stdin;\nit's\n\\.\n" * 2 + "\\copy t from stdin\nit's\n\\.\n"
    assert sql(f"\\if 0\n{copies}SELECT 2;\n\\endif\nSELECT 1;") == ["SELECT 1;"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("SELECT 1;\nSELECT 'a\nb", 2),
        ("SELECT 'a\n''\n", 1),
        ("SELECT E'a\\'", 1),
        ('\n\nSELECT "a', 3),
        ("SELECT $a$ $b$", 1),
        ("SELECT 1;\n/* /* */\n", 2),
    ],
)
def test_open_quotes_are_errors_where_they_open(text: str, line: int) -> None:
    assert refused(text).startswith(f"x.sql:{line}: unterminated ")


@pytest.mark.parametrize(
    "command",
    ["\\! ls", "\\o x", "\\w x", "\\e", "\\watch 1", "\\password", "\\prompt a b", "\\g x", "\\foo",
     "\\g |cat", "\\gx x", "\\gdesc", "\\crosstabview", "\\c other", "\\c - other", "\\cd /",
     "\\copy t to 'x'", "\\copy t from program 'x'", "\\copy t from pstdin", "\\i no.sql",
     "\\copy", "\\copy t", "\\copy t from 'no.csv'", "\\set x `date`", "\\echo a`date`",
     "\\set 'a b' 1", "\\bind 1", "\\o |cat",
     "\\set AUTOCOMMIT maybe", "\\set SINGLELINE on", "\\unset", "\\i", "\\encoding KLINGON",
     "\\gset 'a b'", "\\echo 'a", "SET standard_conforming_strings = off;",
     "COPY a FROM STDIN\\; COPY b FROM STDIN;"],
)  # fmt: skip
def test_what_is_not_served_is_refused_before_anything_runs(command: str) -> None:
    message = refused(f"SELECT 1;\n{command}\n")
    assert message.startswith("x.sql:2: ")


def test_refusals_name_the_command_in_every_branch() -> None:
    text = "\\if :{?ci}\n\\else\n\\if 0\n\\! ls\n\\endif\n\\endif"
    assert refused(text) == "x.sql:4: \\! is not supported: it runs a shell command"


def test_one_check_sees_through_includes(tmp_path: Path) -> None:
    main = write(tmp_path, main="\\set f inner\nSELECT 1;\n\\ir :f.sql\n", inner="\n\\! ls\n")
    with pytest.raises(ScriptError, match=r"inner\.sql:2: \\! is not supported"):
        Script.open(main).check()


def test_includes_by_a_result_are_checked_before_they_run(tmp_path: Path) -> None:
    main = write(tmp_path, main="SELECT 1 \\gset\n\\ir :f\n", inner="SELECT 2;\n\\! ls\n")
    script = Script.open(main)
    script.check()
    items = iter(script)
    next(items)
    script.variables["f"] = "inner.sql"
    with pytest.raises(ScriptError, match=r"inner\.sql:2"):
        next(items)


def test_includes_are_found_where_psql_and_people_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep, work = tmp_path / "deep", tmp_path / "work"
    deep.mkdir()
    work.mkdir()
    write(work, both="SELECT 'work';")
    main = write(
        deep,
        main="\\i both.sql;\n\\ir both.sql\n\\include only.sql\nSELECT 1",
        both="SELECT 'deep';",
        only="\\include_relative both.sql\n\\q\nSELECT 2;",
    )
    monkeypatch.chdir(work)
    statements = [s for s in Script.open(main) if isinstance(s, Statement)]
    texts = ["SELECT 'work';", "SELECT 'deep';", "SELECT 'deep';", "SELECT 1"]
    assert [s.sql for s in statements] == texts
    assert [s.line for s in statements] == [1, 1, 1, 4]
    assert statements[0].path == Path("both.sql")
    assert statements[1].path == deep / "both.sql"


def test_missing_and_recursive_includes_are_errors(tmp_path: Path) -> None:
    main = write(tmp_path, main="\n\\ir a.sql", a="\\ir b.sql", b="\n\n\\ir a.sql")
    with pytest.raises(ScriptError, match=r"b\.sql:3: .*includes itself"):
        Script.open(main).check()
    with pytest.raises(ScriptError, match=r"main\.sql:2: no such file: gone"):
        Script.open(write(tmp_path, main="\n\\i gone")).check()
    Script.open(write(tmp_path, main="\\if 0\n\\i gone\n\\endif")).check()


def test_an_include_keeps_the_statement_around_it(tmp_path: Path) -> None:
    main = write(tmp_path, main="SELECT 1,\n\\ir inner.sql\n2;", inner="SELECT 3")
    assert [s.sql for s in Script.open(main).statements()] == ["SELECT 3", "SELECT 1,\n2;"]


def test_a_branch_must_end_in_its_own_file(tmp_path: Path) -> None:
    main = write(tmp_path, main="\\ir inner.sql\n\\endif", inner="\\if 1\n")
    with pytest.raises(ScriptError, match=r"inner\.sql:1: .*if without"):
        Script.open(main).check()


def test_statements_lists_every_branch_without_running_anything() -> None:
    text = "SELECT :x;\n\\if :x\nVACUUM;\n\\set y 1\n\\else\nCOMMIT;\n\\endif\nSELECT :y;"
    script = Script.parse(text, HERE)
    listed = [s.sql for s in script.statements()]
    assert listed == ["SELECT :x;", "VACUUM;", "COMMIT;", "SELECT :y;"]
    assert "y" not in script.variables


def test_copy_from_a_file_reads_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_bytes(b"\xff,1\r\n")
    main = write(tmp_path, main="\\copy t (a) from 'd.csv' csv")
    (item,) = Script.open(main)
    assert isinstance(item, Statement)
    assert (item.sql, item.data) == ("COPY  t ( a ) FROM STDIN csv", b"\xff,1\r\n")


@pytest.mark.parametrize(
    ("content", "last"),
    [
        ("\ufeffSELECT 'é';".encode(), "SELECT 'é';"),
        (b"\\encoding LATIN1\nSELECT '\xe9';", "SELECT 'é';"),
        (b"SET client_encoding = 'latin1';\nSELECT '\xe9';", "SELECT 'é';"),
        (b"-- \xe9\nset session CLIENT_ENCODING to win1250;\nSELECT '\xe8';", "SELECT 'č';"),
        (b"SET NAMES 'sjis';\nSELECT '\x95\x5c';", "SELECT '表';"),
        ("\\encoding LATIN1\nSELECT 'é';".encode(), "SELECT 'Ã©';"),
        (b"SELECT 'a\r\n\r\nb';\r\n", "SELECT 'a\r\n\r\nb';"),
        (b"SELECT 1, -- x\r\n2;\r\n", "SELECT 1, -- x\r\n2;"),
        (b"\\set x 1\r\nSELECT :x;\r\n", "SELECT 1;"),
    ],
)
def test_files_are_decoded_as_they_say(tmp_path: Path, content: bytes, last: str) -> None:
    script = Script.open(write(tmp_path, main=content))
    script.check()
    assert [s.sql for s in script if isinstance(s, Statement)][-1] == last


def test_encoding_tells_the_server_as_psql_does() -> None:
    assert sql("\\encoding LATIN1\n") == ["set client_encoding to 'LATIN1'"]


def test_unreadable_bytes_are_an_error_at_their_line(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match=r"main\.sql:3: byte 0xe9 is not valid UTF-8"):
        Script.open(write(tmp_path, main=b"SELECT 1;\n\n'\xe9';\n")).check()
    with pytest.raises(ScriptError, match=r"main\.sql:2: a NUL byte"):
        Script.open(write(tmp_path, main=b"SELECT 1;\n\0\n")).check()
    with pytest.raises(ScriptError, match=r"gone\.sql:1: cannot be read"):
        Script.open(tmp_path / "gone.sql")


def test_long_scripts_are_read_in_linear_time() -> None:
    def seconds(lines: int) -> float:
        start = time.process_time()
        text = "INSERT INTO t VALUES\n" + "(1, 'x', E'\\'', (2)),\n" * lines + "(3);\n"
        assert len(sql(text + "SELECT ok(true, 'x');\n" * lines)) == lines + 1
        return time.process_time() - start

    seconds(100)
    assert seconds(20_000) < 15 * seconds(4_000) + 0.1


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1;\nSELECT\n  2;\nSELECT 3",
        "\\set x 1\nSELECT :x;\n\\set x 2\nSELECT :x;\n",
        "SELECT :'x';\n",
        "SELECT 1;\n\\g\n\\echo hello\n",
    ],
)
def test_a_script_reads_the_same_whether_or_not_it_was_checked(text: str):
    checked = Script.parse(text, Path("x.sql"), {"x": "given"})
    checked.check()
    fresh = Script.parse(text, Path("x.sql"), {"x": "given"})
    assert list(checked) == list(fresh) == list(checked)


def test_what_a_check_knew_of_a_variable_is_not_kept():
    script = Script.parse("SELECT :'x';\n", Path("x.sql"), {"x": "before"})
    script.check()
    script.variables["x"] = "after"
    assert [item.sql for item in script] == ["SELECT 'after';"]
