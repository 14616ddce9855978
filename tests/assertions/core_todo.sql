-- TODO and SKIP. What is tested is also printed, so that the script's own numbers stay in order.
BEGIN;
SELECT plan(38);

CREATE FUNCTION printed(line text, want text, name text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT line;
    RETURN NEXT is(regexp_replace(line, '\m(ok|test) \d+', '\1 N', 'g'), want, name);
END
$$;

SELECT is(in_todo(), false, 'no TODO at first');

-- todo() lasts for as many tests as it says, or for one.
SELECT todo('why');
SELECT is(in_todo(), true, 'in_todo() within a TODO');
SELECT is(in_todo(), false, 'in_todo() after it');
SELECT todo('why', 1);
SELECT * FROM printed(
    fail('one'),
    E'not ok N - one # TODO why\n# Failed (TODO) test N: "one"',
    'todo(why, how_many)'
);
SELECT todo(1, 'swapped');
SELECT * FROM printed(
    is(1, 2, 'is'),
    E'not ok N - is # TODO swapped\n# Failed (TODO) test N: "is"\n'
    '#         have: 1\n#         want: 2',
    'todo(how_many, why)'
);
SELECT todo(1);
SELECT * FROM printed(
    ok(NULL, 'null'),
    E'not ok N - null # TODO \n# Failed (TODO) test N: "null"\n#     (test result was NULL)',
    'todo(how_many)'
);
SELECT todo(E'two\nlines');
SELECT * FROM printed(
    fail(), E'not ok N # TODO two\n# lines\n# Failed (TODO) test N', 'todo(why)'
);
SELECT todo('counted', 3);
SELECT fail('one');
SELECT pass('two');
SELECT in_todo() AS within \gset
SELECT skip('three');
SELECT is(in_todo(), false, 'three tests are counted off');
SELECT is(:'within'::boolean, true, 'but not two');
SELECT is(num_failed(), 0, 'a failure in a TODO is none');

-- The newest TODO comes first; todo_end() ends what todo_start() began.
SELECT todo_start('outer');
SELECT todo_start();
SELECT todo('inner', 1);
SELECT fail('a') AS a \gset
SELECT fail('b') AS b \gset
SELECT todo_end();
SELECT fail('c') AS c \gset
SELECT todo('none', 0);
SELECT todo_end();
SELECT pass('hidden') AS d \gset
\echo :a
\echo :b
\echo :c
\echo :d
SELECT alike(:'a'::text, '% - a # TODO inner%', 'the newest TODO');
SELECT alike(:'b'::text, E'% - b # TODO \n%', 'todo_start() within todo_start()');
SELECT alike(:'c'::text, '% - c # TODO outer%', 'the outer TODO after todo_end()');
SELECT unalike(:'d'::text, '%TODO%', 'a TODO for no test');
SELECT is(in_todo(), false, 'todo_end() ends the outer one too');
SELECT throws_ok(
    'SELECT todo_end()', 'P0001', 'todo_end() called without todo_start()', 'todo_end() alone'
);

-- A rollback takes a TODO back, and gives back the tests it had counted off.
SAVEPOINT before;
SELECT todo_start('undone');
ROLLBACK TO before;
SELECT is(in_todo(), false, 'a TODO that was undone');

-- skip() passes, once or more often.
SELECT * FROM printed(skip('why'), 'ok N # SKIP why', 'skip(why)');
SELECT * FROM printed(skip(1), 'ok N # SKIP', 'skip(how_many)');
SELECT * FROM printed(skip(1, E'two\nlines'), E'ok N # SKIP two\n# lines', 'skip(how_many, why)');
SELECT * FROM printed(skip('why', 2), E'ok N # SKIP why\nok N # SKIP why', 'skip(why, how_many)');
SELECT is(skip('why', 0), '', 'skip of nothing');

SELECT * FROM finish();
ROLLBACK;
