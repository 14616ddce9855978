-- US2: ids count upwards from 1, and none is ever handed out twice.

BEGIN;
SELECT plan(13);

INSERT INTO users (id, email) VALUES ('ada', 'ada@example.com');

CREATE FUNCTION pg_temp.add_task() RETURNS bigint
LANGUAGE sql
AS $$ INSERT INTO tasks (user_id, title) VALUES ('ada', 'a task') RETURNING id $$;

SELECT is(pg_temp.add_task(), 1::bigint, 'US2: the first id is 1');
SELECT is(pg_temp.add_task(), 2::bigint, 'US2: the second id is 2');
SELECT is(pg_temp.add_task(), 3::bigint, 'US2: the third id is 3');
SELECT set_eq(
    'SELECT id FROM tasks', ARRAY[1, 2, 3]::bigint[], 'US2: the tasks have the ids they were given'
);

DELETE FROM tasks
WHERE id = 2;

SELECT is(pg_temp.add_task(), 4::bigint, 'US2: after #2 is deleted the next id is 4');
SELECT set_eq(
    'SELECT id FROM tasks', ARRAY[1, 3, 4]::bigint[], 'US2: the gap that #2 left stays open'
);

-- The database alone gives ids.

SELECT throws_ok(
    $$INSERT INTO tasks (id, user_id, title) VALUES (2, 'ada', 'mine')$$, '428C9', NULL,
    'US2: an INSERT that brings its own id is refused with 428C9'
);
SELECT throws_ok(
    'UPDATE tasks SET id = 2 WHERE id = 3', '428C9', NULL,
    'US2: an UPDATE to an id of one''s own is refused with 428C9'
);

-- Until #100, then none.

SELECT is(
    (SELECT max(pg_temp.add_task()) FROM generate_series(5, 100)), 100::bigint,
    'US2: 96 tasks later the id is 100'
);

DELETE FROM tasks;

SELECT is(pg_temp.add_task(), 101::bigint, 'US2: after 1 to 100 are deleted the next id is 101');

-- What is rolled back has had its id.

DO $$
BEGIN
    PERFORM pg_temp.add_task();
    RAISE 'rolled back, as by ROLLBACK TO SAVEPOINT';
EXCEPTION
    WHEN raise_exception THEN NULL;
END;
$$;

SELECT is(
    pg_temp.add_task(), 103::bigint,
    'US2: #102, burnt by an insert that was rolled back, is not handed out again'
);
SELECT throws_ok(
    $$INSERT INTO tasks (user_id, title) VALUES ('nobody', 'refused')$$, '23503', NULL,
    'US2: an insert that is refused is given #104'
);
SELECT is(
    pg_temp.add_task(), 105::bigint,
    'US2: #104, burnt by an insert that was refused, is not handed out again'
);

SELECT * FROM finish();
ROLLBACK;
