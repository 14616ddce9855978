CREATE ROLE app;
CREATE TABLE notes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner text NOT NULL,
    body text NOT NULL DEFAULT '',
    deleted_at timestamptz
);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON notes FOR SELECT TO app
USING (owner = current_setting('app.user_id', true) AND deleted_at IS NULL);
CREATE POLICY write ON notes FOR INSERT TO app
WITH CHECK (owner = current_setting('app.user_id', true));
CREATE POLICY change ON notes FOR UPDATE TO app
USING (owner = current_setting('app.user_id', true) AND deleted_at IS NULL)
WITH CHECK (owner = current_setting('app.user_id', true));
GRANT SELECT, INSERT, UPDATE ON notes TO app;
