-- Users are kept apart by the database, whatever a query forgets: the application acts as
-- todo_app, and says in the setting app.user_id for whom.

-- A role belongs to the server: it may be there, from another database or another run.
DO $$
BEGIN
    CREATE ROLE todo_app NOLOGIN;
    -- From PostgreSQL 16 on, who makes a role is not yet one who may act as it.
    GRANT todo_app TO CURRENT_USER;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END;
$$;

-- Accounts are the authentication service's; the application reads its own user's.
GRANT SELECT ON users TO todo_app;

-- Neither ids nor times, which the database alone sets, nor another owner.
GRANT SELECT, DELETE ON tasks TO todo_app;
GRANT INSERT (user_id, title, description, completed) ON tasks TO todo_app;
GRANT UPDATE (title, description, completed) ON tasks TO todo_app;

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;

-- A setting that SET LOCAL once set is '' afterwards, not NULL: neither is a user.
CREATE POLICY users_own ON users FOR SELECT TO todo_app
USING (id = nullif(current_setting('app.user_id', TRUE), ''));

-- For every command; what USING says holds for rows that are written, too.
CREATE POLICY tasks_own ON tasks TO todo_app
USING (user_id = nullif(current_setting('app.user_id', TRUE), ''));

COMMENT ON POLICY users_own ON users IS 'The application reads the user of app.user_id.';
COMMENT ON POLICY tasks_own ON tasks IS 'Of the user of app.user_id, and of nobody without one.';
