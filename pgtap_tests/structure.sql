-- Tables, columns, types, defaults, nullability, keys, indexes and the trigger.

BEGIN;
SELECT plan(57);

SELECT tables_are('public', ARRAY['users', 'tasks'], 'structure: the tables are users and tasks');

-- users

SELECT columns_are(
    'users', ARRAY['id', 'email', 'name', 'created_at'],
    'structure: users has id, email, name and created_at'
);

SELECT col_type_is('users', 'id', 'text', 'structure: users.id is text');
SELECT col_type_is('users', 'email', 'text', 'structure: users.email is text');
SELECT col_type_is('users', 'name', 'text', 'structure: users.name is text');
SELECT col_type_is(
    'users', 'created_at', 'timestamp with time zone', 'structure: users.created_at is timestamptz'
);

SELECT col_not_null('users', 'id', 'structure: users.id is required');
SELECT col_not_null('users', 'email', 'structure: users.email is required');
SELECT col_is_null('users', 'name', 'structure: users.name is optional');
SELECT col_not_null('users', 'created_at', 'structure: users.created_at is required');

SELECT col_default_is(
    'users', 'id', '(gen_random_uuid())::text', 'structure: users.id defaults to a random UUID'
);
SELECT col_hasnt_default('users', 'email', 'structure: users.email has no default');
SELECT col_hasnt_default('users', 'name', 'structure: users.name has no default');
SELECT col_default_is(
    'users', 'created_at', 'now()', 'structure: users.created_at defaults to now()'
);

SELECT col_is_pk('users', 'id', 'structure: users.id is the primary key');
SELECT col_is_unique('users', 'email', 'structure: users.email is unique');

-- tasks

SELECT columns_are(
    'tasks',
    ARRAY['id', 'user_id', 'title', 'description', 'completed', 'created_at', 'updated_at'],
    'structure: tasks has id, user_id, title, description, completed, created_at and updated_at'
);

SELECT col_type_is('tasks', 'id', 'bigint', 'structure: tasks.id is bigint');
SELECT col_type_is('tasks', 'user_id', 'text', 'structure: tasks.user_id is text');
SELECT col_type_is(
    'tasks', 'title', 'character varying(200)', 'structure: tasks.title is varchar(200)'
);
SELECT col_type_is('tasks', 'description', 'text', 'structure: tasks.description is text');
SELECT col_type_is('tasks', 'completed', 'boolean', 'structure: tasks.completed is boolean');
SELECT col_type_is(
    'tasks', 'created_at', 'timestamp with time zone', 'structure: tasks.created_at is timestamptz'
);
SELECT col_type_is(
    'tasks', 'updated_at', 'timestamp with time zone', 'structure: tasks.updated_at is timestamptz'
);

SELECT col_not_null('tasks', 'id', 'structure: tasks.id is required');
SELECT col_not_null('tasks', 'user_id', 'structure: tasks.user_id is required');
SELECT col_not_null('tasks', 'title', 'structure: tasks.title is required');
SELECT col_is_null('tasks', 'description', 'structure: tasks.description is optional');
SELECT col_not_null('tasks', 'completed', 'structure: tasks.completed is required');
SELECT col_not_null('tasks', 'created_at', 'structure: tasks.created_at is required');
SELECT col_not_null('tasks', 'updated_at', 'structure: tasks.updated_at is required');

SELECT col_hasnt_default('tasks', 'id', 'structure: tasks.id has no default beside its identity');
SELECT col_hasnt_default('tasks', 'user_id', 'structure: tasks.user_id has no default');
SELECT col_hasnt_default('tasks', 'title', 'structure: tasks.title has no default');
SELECT col_hasnt_default('tasks', 'description', 'structure: tasks.description has no default');
SELECT col_default_is(
    'tasks', 'completed', 'false', 'structure: tasks.completed defaults to false'
);
SELECT col_default_is(
    'tasks', 'created_at', 'now()', 'structure: tasks.created_at defaults to now()'
);
SELECT col_default_is(
    'tasks', 'updated_at', 'now()', 'structure: tasks.updated_at defaults to now()'
);

SELECT set_eq(
    $$
    SELECT column_name::text, identity_generation::text, identity_cycle::text
    FROM information_schema.columns
    WHERE table_schema = 'public' AND is_identity = 'YES'
    $$,
    $$VALUES ('id', 'ALWAYS', 'NO')$$,
    'structure: tasks.id is GENERATED ALWAYS AS IDENTITY and does not wrap around'
);

SELECT col_is_pk('tasks', 'id', 'structure: tasks.id is the primary key');
SELECT fk_ok('tasks', 'user_id', 'users', 'id', 'structure: tasks.user_id references users.id');

-- NOT NULL constraints are on this list from PostgreSQL 18 on, and covered above.
SELECT bag_eq(
    $$
    SELECT conname::text, pg_get_constraintdef(oid), convalidated
    FROM pg_constraint
    WHERE conrelid IN ('users'::regclass, 'tasks'::regclass) AND contype <> 'n'
    $$,
    $$
    VALUES
        ('users_pkey', 'PRIMARY KEY (id)', TRUE),
        ('users_email_key', 'UNIQUE (email)', TRUE),
        ('tasks_pkey', 'PRIMARY KEY (id)', TRUE),
        (
            'tasks_user_id_fkey',
            'FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE',
            TRUE
        )
    $$,
    'structure: the constraints, their names and what they do'
);

-- Indexes

SELECT indexes_are(
    'users', ARRAY['users_pkey', 'users_email_key'],
    'structure: the indexes of users are those of its keys'
);
SELECT indexes_are(
    'tasks', ARRAY['tasks_pkey', 'idx_tasks_user_id'],
    'structure: the indexes of tasks are its key''s and idx_tasks_user_id'
);
SELECT has_index(
    'tasks', 'idx_tasks_user_id', 'user_id', 'structure: idx_tasks_user_id is on tasks.user_id'
);
SELECT index_is_type(
    'public', 'tasks', 'idx_tasks_user_id', 'btree', 'structure: idx_tasks_user_id is a B-tree'
);
SELECT results_eq(
    $$
    SELECT indisunique, indpred IS NOT NULL, indisvalid
    FROM pg_index
    WHERE indexrelid = to_regclass('idx_tasks_user_id')
    $$,
    $$VALUES (FALSE, FALSE, TRUE)$$,
    'structure: idx_tasks_user_id is neither unique nor partial, and valid'
);

-- The trigger and its function

SELECT triggers_are('users', ARRAY[]::name[], 'structure: users has no trigger');
SELECT triggers_are(
    'tasks', ARRAY['update_tasks_updated_at'],
    'structure: the trigger of tasks is update_tasks_updated_at'
);
SELECT trigger_is(
    'tasks', 'update_tasks_updated_at', 'set_updated_at',
    'structure: update_tasks_updated_at calls set_updated_at()'
);
SELECT set_eq(
    $$
    SELECT
        action_timing::text,
        event_manipulation::text,
        action_orientation::text,
        action_condition::text
    FROM information_schema.triggers
    WHERE event_object_table = 'tasks' AND trigger_name = 'update_tasks_updated_at'
    $$,
    $$VALUES ('BEFORE', 'UPDATE', 'ROW', NULL::text)$$,
    'structure: update_tasks_updated_at fires BEFORE UPDATE FOR EACH ROW, on no condition'
);
SELECT is_empty(
    $$
    SELECT event_object_column
    FROM information_schema.triggered_update_columns
    WHERE event_object_table = 'tasks'
    $$,
    'structure: update_tasks_updated_at fires whichever column is updated'
);
SELECT set_eq(
    $$SELECT tgenabled::text FROM pg_trigger WHERE tgname = 'update_tasks_updated_at'$$, ARRAY['O'],
    'structure: update_tasks_updated_at is enabled'
);
SELECT has_function(
    'set_updated_at', ARRAY[]::name[], 'structure: set_updated_at() takes no argument'
);
SELECT function_returns(
    'set_updated_at', ARRAY[]::name[], 'trigger', 'structure: set_updated_at() returns trigger'
);
SELECT function_lang_is(
    'set_updated_at', ARRAY[]::name[], 'plpgsql', 'structure: set_updated_at() is in PL/pgSQL'
);
SELECT isnt_definer(
    'set_updated_at', ARRAY[]::name[],
    'structure: set_updated_at() runs with the rights of who updates'
);

SELECT * FROM finish();
ROLLBACK;
