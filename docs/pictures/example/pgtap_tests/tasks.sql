BEGIN;
SELECT plan(2);
SELECT col_is_pk('tasks', 'id');
SELECT col_type_is('tasks', 'due', 'timestamptz');
SELECT * FROM finish();
ROLLBACK;
