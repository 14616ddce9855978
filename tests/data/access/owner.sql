CREATE ROLE app;
CREATE TABLE tasks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner integer NOT NULL,
    body text NOT NULL DEFAULT ''
);
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tasks TO app
USING (owner = nullif(current_setting('app.user_id', true), '')::integer);
GRANT SELECT, INSERT, UPDATE, DELETE ON tasks TO app;
