CREATE ROLE app;
CREATE TABLE tasks (
    id integer PRIMARY KEY,
    owner integer NOT NULL,
    body text NOT NULL DEFAULT ''
);
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tasks TO app
USING (owner = nullif(current_setting('app.user_id', true), '')::integer);
CREATE VIEW my_tasks WITH (security_invoker) AS SELECT * FROM tasks;
CREATE VIEW all_tasks AS SELECT id, body FROM tasks;
CREATE MATERIALIZED VIEW task_texts AS SELECT id, body FROM tasks;
GRANT SELECT, DELETE ON tasks TO app;
GRANT SELECT, DELETE ON my_tasks TO app;
GRANT SELECT ON all_tasks, task_texts TO app;
