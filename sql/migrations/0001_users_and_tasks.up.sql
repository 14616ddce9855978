-- Users and the tasks they own.

CREATE TABLE users (
    id text CONSTRAINT users_id_not_null NOT NULL DEFAULT gen_random_uuid()::text,
    email text CONSTRAINT users_email_not_null NOT NULL,
    name text,
    created_at timestamptz CONSTRAINT users_created_at_not_null NOT NULL DEFAULT now(),
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_email_key UNIQUE (email)
);

COMMENT ON TABLE users IS 'Accounts; the authentication service writes them.';
COMMENT ON COLUMN users.id IS 'Any text: the authentication service''s own id, or else a UUID.';

CREATE TABLE tasks (
    id bigint CONSTRAINT tasks_id_not_null NOT NULL GENERATED ALWAYS AS IDENTITY,
    user_id text CONSTRAINT tasks_user_id_not_null NOT NULL,
    title varchar(200) CONSTRAINT tasks_title_not_null NOT NULL,
    description text,
    completed boolean CONSTRAINT tasks_completed_not_null NOT NULL DEFAULT FALSE,
    created_at timestamptz CONSTRAINT tasks_created_at_not_null NOT NULL DEFAULT now(),
    updated_at timestamptz CONSTRAINT tasks_updated_at_not_null NOT NULL DEFAULT now(),
    CONSTRAINT tasks_pkey PRIMARY KEY (id),
    CONSTRAINT tasks_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

COMMENT ON TABLE tasks IS 'Each belongs to one user and goes when that user goes.';
COMMENT ON COLUMN tasks.id IS 'Never handed out twice; gaps are normal.';
COMMENT ON COLUMN tasks.updated_at IS 'Time of the last UPDATE, set by the database alone.';

CREATE INDEX idx_tasks_user_id ON tasks (user_id);

-- clock_timestamp(), since now() stands still within a transaction.
CREATE FUNCTION set_updated_at() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END;
$$;

COMMENT ON FUNCTION set_updated_at() IS 'Trigger: stamps the row, whatever the UPDATE supplied.';

CREATE TRIGGER update_tasks_updated_at
BEFORE UPDATE ON tasks
FOR EACH ROW EXECUTE FUNCTION set_updated_at();
