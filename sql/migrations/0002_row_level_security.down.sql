-- The role stays: it belongs to the server, and another database may use it.

DROP POLICY tasks_own ON tasks;
DROP POLICY users_own ON users;
ALTER TABLE tasks DISABLE ROW LEVEL SECURITY;
ALTER TABLE users DISABLE ROW LEVEL SECURITY;
REVOKE ALL ON tasks FROM todo_app;
REVOKE ALL ON users FROM todo_app;
