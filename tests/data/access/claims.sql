CREATE ROLE anon;
CREATE ROLE authenticated;
CREATE SCHEMA auth;
GRANT USAGE ON SCHEMA auth TO anon, authenticated;
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid
$$;
CREATE TABLE posts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    author uuid NOT NULL,
    published boolean NOT NULL DEFAULT false,
    title text NOT NULL
);
ALTER TABLE posts ENABLE ROW LEVEL SECURITY;
CREATE POLICY published ON posts FOR SELECT TO anon, authenticated USING (published);
CREATE POLICY mine ON posts FOR SELECT TO authenticated USING (author = (SELECT auth.uid()));
CREATE POLICY write ON posts FOR INSERT TO authenticated WITH CHECK (author = (SELECT auth.uid()));
CREATE POLICY change ON posts FOR UPDATE TO authenticated USING (author = (SELECT auth.uid()));
CREATE POLICY remove ON posts FOR DELETE TO authenticated USING (author = (SELECT auth.uid()));
GRANT SELECT ON posts TO anon, authenticated;
GRANT INSERT, UPDATE, DELETE ON posts TO authenticated;
