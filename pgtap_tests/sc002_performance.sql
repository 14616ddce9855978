-- SC-002: a user's tasks are found fast among the 100,000 of 1,000 users.

BEGIN;
SELECT plan(15);

INSERT INTO users (id, email)
SELECT
    'user_' || n AS id,
    n || '@example.com' AS email
FROM generate_series(1, 1000) AS n;

INSERT INTO tasks (user_id, title)
SELECT
    'user_' || n AS user_id,
    'task of user_' || n AS title
FROM generate_series(1, 100) AS k
CROSS JOIN generate_series(1, 1000) AS n;

ANALYZE users, tasks;

PREPARE tasks_of (text) AS SELECT * FROM tasks WHERE user_id = $1;

-- What a path finds in the plan of the query.
CREATE FUNCTION pg_temp.planned(path jsonpath) RETURNS jsonb
LANGUAGE plpgsql
AS $$
DECLARE
    found jsonb;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT JSON) EXECUTE tasks_of(''user_500'')' INTO found;
    RETURN jsonb_path_query_array(found, path);
END;
$$;

SELECT results_eq(
    'SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM tasks)',
    'VALUES (1000::bigint, 100000::bigint)',
    'SC-002: 1,000 users have 100,000 tasks'
);

-- The plan, made for one user and made once for all

SET LOCAL plan_cache_mode = force_custom_plan;

SELECT is(
    pg_temp.planned('strict $.**."Index Name"'), '["idx_tasks_user_id"]'::jsonb,
    'SC-002: the plan for one user uses idx_tasks_user_id'
);
SELECT is(
    pg_temp.planned('strict $.** ? (@."Node Type" == "Seq Scan")'), '[]'::jsonb,
    'SC-002: the plan for one user does not scan the table'
);

SET LOCAL plan_cache_mode = force_generic_plan;

SELECT is(
    pg_temp.planned('strict $.**."Index Name"'), '["idx_tasks_user_id"]'::jsonb,
    'SC-002: the plan for any user uses idx_tasks_user_id'
);
SELECT is(
    pg_temp.planned('strict $.** ? (@."Node Type" == "Seq Scan")'), '[]'::jsonb,
    'SC-002: the plan for any user does not scan the table'
);

-- The rows, and the time they take, for every 200th user

SELECT
    performs_ok(
        format('EXECUTE tasks_of(%L)', id), 100,
        format('SC-002: the query for %s takes under 100 ms', id)
    )
FROM unnest(ARRAY['user_200', 'user_400', 'user_600', 'user_800', 'user_1000']) AS id;

SELECT
    bag_eq(
        format('EXECUTE tasks_of(%L)', id),
        format('SELECT * FROM tasks WHERE title = %L', 'task of ' || id),
        format('SC-002: the query for %s returns all of that user''s tasks and no other', id)
    )
FROM unnest(ARRAY['user_200', 'user_400', 'user_600', 'user_800', 'user_1000']) AS id;

SELECT * FROM finish();
ROLLBACK;
