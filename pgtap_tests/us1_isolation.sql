-- US1: a task belongs to one user, who sees it and nobody else's.

BEGIN;
SELECT plan(19);

-- 60 users with 0 to 12 tasks each, added in turn. Their ids differ in nothing but a number,
-- the case of a letter or a blank at the end; each title says whose task it is.
CREATE TEMPORARY TABLE expected AS
SELECT
    spelling || n AS user_id,
    tasks.k,
    format('task %s of "%s"', tasks.k, spelling || n) AS title
FROM generate_series(1, 20) AS n
CROSS JOIN unnest(ARRAY['user ', 'USER ', ' user ']) AS spelling
CROSS JOIN LATERAL generate_series(1, (7 * n + length(spelling)) % 13) AS tasks (k);

INSERT INTO users (id, email)
SELECT
    spelling || n,
    format('%s@%s.example.com', n, md5(spelling))
FROM generate_series(1, 20) AS n
CROSS JOIN unnest(ARRAY['user ', 'USER ', ' user ']) AS spelling;

INSERT INTO tasks (user_id, title)
SELECT
    user_id,
    title
FROM expected
ORDER BY k, md5(title);

CREATE FUNCTION pg_temp.tasks_of(who text) RETURNS SETOF tasks
LANGUAGE sql
AS $$ SELECT * FROM tasks WHERE user_id = who $$;

SELECT isnt_empty('SELECT * FROM expected', 'US1: there are generated tasks to look at');
