-- Who may do what with the tables, and where their numbers come from.

BEGIN;
SELECT plan(7);

CREATE ROLE somebody;

SELECT table_privs_are(
    'public', 'users', 'somebody', ARRAY[]::text[], 'access: users is nobody''s but the owner''s'
);
SELECT table_privs_are(
    'public', 'tasks', 'somebody', ARRAY[]::text[], 'access: tasks is nobody''s but the owner''s'
);
SELECT schema_privs_are(
    'public', 'public', ARRAY['USAGE'], 'access: everybody may look into the schema'
);


SELECT results_eq(
    $$
    SELECT start_value, increment_by, min_value, max_value, cache_size, cycle
    FROM pg_sequences WHERE schemaname = 'public' AND sequencename = 'tasks_id_seq'
    $$,
    $$VALUES (1::bigint, 1::bigint, 1::bigint, 9223372036854775807, 1::bigint, FALSE)$$,
    'access: ids are all there are of bigint, and none is put by for a session'
);

-- The trigger runs with the rights of whoever updates, and only looks at its row.
SELECT isnt_definer('public', 'set_updated_at', 'access: set_updated_at() lends nobody rights');

-- Nobody's emails and titles are sorted or compared by another language's rules.
SELECT is_empty(
    $$
    SELECT attname FROM pg_attribute
    WHERE
        attrelid IN ('users'::regclass, 'tasks'::regclass)
        AND attnum > 0
        AND attcollation NOT IN (0, 'pg_catalog.default'::regcollation)
    $$,
    'access: texts have the collation of the database'
);
SELECT results_eq(
    $$
    SELECT count(*) FROM pg_constraint
    WHERE conrelid IN ('users'::regclass, 'tasks'::regclass) AND (condeferrable OR NOT convalidated)
    $$,
    ARRAY[0::bigint], 'access: every constraint holds for every row, at once'
);

SELECT * FROM finish();
ROLLBACK;
