-- Pairs of a schema that is broken in one way and its correct twin, of kinds that people write.
-- Each begins with its name; what both have comes first, then the broken and the correct part.

--# delete-for-everyone
CREATE ROLE web;
CREATE TABLE notes (id bigserial PRIMARY KEY, author text NOT NULL, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY r ON notes FOR SELECT TO web USING (author = current_setting('web.user', true));
GRANT SELECT, DELETE ON notes TO web;
--- broken
CREATE POLICY d ON notes FOR DELETE TO web USING (author <> '');
--- correct
CREATE POLICY d ON notes FOR DELETE TO web USING (author = current_setting('web.user', true));

--# insert-in-another-name
CREATE ROLE web;
CREATE TABLE notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), author uuid NOT NULL, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY r ON notes FOR SELECT TO web
USING (author = nullif(current_setting('web.user', true), '')::uuid);
GRANT SELECT, INSERT ON notes TO web;
--- broken
CREATE POLICY i ON notes FOR INSERT TO web
WITH CHECK (nullif(current_setting('web.user', true), '') IS NOT NULL);
--- correct
CREATE POLICY i ON notes FOR INSERT TO web
WITH CHECK (author = nullif(current_setting('web.user', true), '')::uuid);

--# current-user-or-null
CREATE ROLE web;
CREATE TABLE notes (id int PRIMARY KEY, author text, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO web;
--- broken
CREATE POLICY own ON notes TO web USING (author = current_user) WITH CHECK (body IS NOT NULL);
--- correct
CREATE POLICY own ON notes TO web USING (author = current_user);

--# limit-without-order
CREATE ROLE web;
CREATE TABLE members (org int, member int, PRIMARY KEY (org, member));
CREATE TABLE docs (id int PRIMARY KEY, org int NOT NULL, body text);
GRANT SELECT ON members, docs TO web;
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
--- broken
CREATE POLICY m ON docs TO web USING (org = (
    SELECT m.org FROM members AS m
    WHERE m.member = nullif(current_setting('web.user', true), '')::int LIMIT 1
));
--- correct
CREATE POLICY m ON docs TO web USING (org IN (
    SELECT m.org FROM members AS m
    WHERE m.member = nullif(current_setting('web.user', true), '')::int
));

--# policies-that-ask-each-other
CREATE ROLE web;
CREATE TABLE teams (id int PRIMARY KEY, lead int NOT NULL);
CREATE TABLE seats (team int REFERENCES teams, person int, PRIMARY KEY (team, person));
ALTER TABLE teams ENABLE ROW LEVEL SECURITY;
ALTER TABLE seats ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON teams, seats TO web;
CREATE POLICY t ON teams TO web USING (EXISTS (
    SELECT FROM seats AS s
    WHERE s.team = teams.id AND s.person = nullif(current_setting('web.user', true), '')::int
));
--- broken
CREATE POLICY s ON seats TO web USING (team IN (SELECT t.id FROM teams AS t));
--- correct
CREATE POLICY s ON seats TO web USING (person = nullif(current_setting('web.user', true), '')::int);

--# membership-that-anybody-adds
CREATE ROLE web;
CREATE TABLE orgs (id int PRIMARY KEY);
CREATE TABLE members (org int REFERENCES orgs, member int, PRIMARY KEY (org, member));
CREATE TABLE docs (id int PRIMARY KEY, org int NOT NULL REFERENCES orgs, body text);
ALTER TABLE members ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON members FOR SELECT TO web
USING (member = nullif(current_setting('web.user', true), '')::int);
CREATE POLICY read ON docs TO web USING (org IN (
    SELECT m.org FROM members AS m
    WHERE m.member = nullif(current_setting('web.user', true), '')::int
));
GRANT SELECT ON members, docs TO web;
--- broken
CREATE POLICY join_in ON members FOR INSERT TO web
WITH CHECK (member = nullif(current_setting('web.user', true), '')::int);
GRANT INSERT ON members TO web;
--- correct

--# materialized-view
CREATE ROLE web;
CREATE TABLE notes (id int PRIMARY KEY, author int NOT NULL, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes TO web USING (author = nullif(current_setting('web.user', true), '')::int);
GRANT SELECT ON notes TO web;
CREATE MATERIALIZED VIEW latest AS SELECT max(id) AS id, author FROM notes GROUP BY author;
--- broken
GRANT SELECT ON latest TO web;
--- correct

--# count-by-an-owners-view
CREATE ROLE web;
CREATE TABLE notes (id int PRIMARY KEY, author int NOT NULL, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes TO web USING (author = nullif(current_setting('web.user', true), '')::int);
GRANT SELECT ON notes TO web;
--- broken
CREATE VIEW totals AS SELECT author, count(*) AS notes FROM notes GROUP BY author;
GRANT SELECT ON totals TO web;
--- correct
CREATE VIEW totals WITH (security_invoker) AS
SELECT author, count(*) AS notes FROM notes GROUP BY author;
GRANT SELECT ON totals TO web;

--# definer-without-search-path
CREATE ROLE web;
CREATE TABLE admins (name text PRIMARY KEY);
CREATE TABLE notes (id int PRIMARY KEY, author text NOT NULL, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON notes TO web;
--- broken
CREATE FUNCTION is_admin() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER AS
'SELECT EXISTS (SELECT FROM admins WHERE name = current_setting(''web.user'', true))';
CREATE POLICY own ON notes TO web USING (author = current_setting('web.user', true) OR is_admin());
--- correct
CREATE FUNCTION is_admin() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS
'SELECT EXISTS (SELECT FROM public.admins WHERE name = current_setting(''web.user'', true))';
CREATE POLICY own ON notes TO web USING (author = current_setting('web.user', true) OR is_admin());

--# definer-that-writes
CREATE ROLE web;
CREATE TABLE notes (id uuid PRIMARY KEY, author uuid NOT NULL, body text NOT NULL);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes TO web
USING (author = nullif(current_setting('web.user', true), '')::uuid);
GRANT SELECT, UPDATE ON notes TO web;
--- broken
CREATE FUNCTION rename(note uuid, words text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS
'BEGIN UPDATE public.notes SET body = words WHERE id = note; END';
--- correct
CREATE FUNCTION rename(note uuid, words text) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS
'BEGIN UPDATE public.notes SET body = words WHERE id = note; END';

--# column-grant-through-a-group
CREATE ROLE staff;
CREATE ROLE web IN ROLE staff;
CREATE TABLE people (id int PRIMARY KEY, name text, salary int);
GRANT SELECT (id, name) ON people TO web;
--- broken
GRANT SELECT ON people TO staff;
--- correct

--# permissive-where-restrictive-was-meant
CREATE ROLE web;
CREATE TABLE notes (id int PRIMARY KEY, author int NOT NULL, archived boolean NOT NULL, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes TO web USING (author = nullif(current_setting('web.user', true), '')::int);
GRANT SELECT, UPDATE, DELETE ON notes TO web;
--- broken
CREATE POLICY live ON notes TO web USING (NOT archived);
--- correct
CREATE POLICY live ON notes AS RESTRICTIVE TO web USING (NOT archived);

--# coalesce-round-the-claim
CREATE ROLE web;
CREATE TABLE notes (id int PRIMARY KEY, author int NOT NULL, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON notes TO web;
--- broken
CREATE POLICY own ON notes TO web
USING (coalesce(author = nullif(current_setting('web.user', true), '')::int, true));
--- correct
CREATE POLICY own ON notes TO web
USING (coalesce(author = nullif(current_setting('web.user', true), '')::int, false));

--# user-metadata
CREATE ROLE authenticated;
CREATE TABLE notes (id int PRIMARY KEY, author text NOT NULL, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON notes TO authenticated;
CREATE FUNCTION claims() RETURNS jsonb LANGUAGE sql STABLE AS $$
SELECT nullif(current_setting('request.jwt.claims', true), '')::jsonb $$;
--- broken
CREATE FUNCTION my_role() RETURNS text LANGUAGE sql STABLE AS $$ SELECT claims() -> 'user_metadata' ->> 'role' $$;
CREATE FUNCTION is_admin() RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT my_role() = 'admin' $$;
CREATE POLICY admin ON notes TO authenticated USING ((SELECT is_admin()));
--- correct
CREATE FUNCTION my_role() RETURNS text LANGUAGE sql STABLE AS $$ SELECT claims() -> 'app_metadata' ->> 'role' $$;
CREATE FUNCTION is_admin() RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT my_role() = 'admin' $$;
CREATE POLICY admin ON notes TO authenticated USING ((SELECT is_admin()));

--# setting-that-must-be-set
CREATE ROLE web;
CREATE TABLE notes (id int PRIMARY KEY, author text NOT NULL, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON notes TO web;
--- broken
CREATE POLICY own ON notes TO web USING (author = current_setting('web.user'));
--- correct
CREATE POLICY own ON notes TO web USING (author = current_setting('web.user', true));

--# like-where-equal-was-meant
CREATE ROLE web;
CREATE TABLE files (id int PRIMARY KEY, reader text NOT NULL, body text);
ALTER TABLE files ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON files TO web;
--- broken
CREATE POLICY own ON files TO web USING (reader LIKE '%' || current_setting('web.user', true) || '%');
--- correct
CREATE POLICY own ON files TO web USING (reader = current_setting('web.user', true));

--# partition-by-its-own-name
CREATE ROLE web;
CREATE TABLE logs (tenant int NOT NULL, at date NOT NULL, line text) PARTITION BY RANGE (at);
CREATE TABLE logs_old PARTITION OF logs FOR VALUES FROM ('2000-01-01') TO ('2020-01-01');
CREATE TABLE logs_new PARTITION OF logs FOR VALUES FROM ('2020-01-01') TO ('2100-01-01');
ALTER TABLE logs ENABLE ROW LEVEL SECURITY;
CREATE POLICY t ON logs TO web USING (tenant = nullif(current_setting('web.tenant', true), '')::int);
--- broken
GRANT SELECT ON logs, logs_old, logs_new TO web;
--- correct
GRANT SELECT ON logs TO web;

--# view-that-guards-without-check
CREATE ROLE web;
CREATE TABLE notes (id int PRIMARY KEY, author text NOT NULL, body text);
--- broken
CREATE VIEW mine WITH (security_barrier) AS
SELECT * FROM notes WHERE author = current_setting('web.user', true);
GRANT SELECT, INSERT, UPDATE ON mine TO web;
--- correct
CREATE VIEW mine WITH (security_barrier) AS
SELECT * FROM notes WHERE author = current_setting('web.user', true) WITH CHECK OPTION;
GRANT SELECT, INSERT, UPDATE ON mine TO web;

--# view-that-guards-without-barrier
CREATE ROLE web;
CREATE TABLE notes (id int PRIMARY KEY, author text NOT NULL, body text);
--- broken
CREATE VIEW mine AS SELECT * FROM notes WHERE author = current_setting('web.user', true);
GRANT SELECT ON mine TO web;
--- correct
CREATE VIEW mine WITH (security_barrier) AS
SELECT * FROM notes WHERE author = current_setting('web.user', true);
GRANT SELECT ON mine TO web;

--# bypassrls
CREATE ROLE web;
CREATE TABLE notes (id int PRIMARY KEY, author int NOT NULL, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes TO web USING (author = nullif(current_setting('web.user', true), '')::int);
GRANT SELECT ON notes TO web;
--- broken
ALTER ROLE web BYPASSRLS;
--- correct

--# member-of-staff
CREATE ROLE staff;
CREATE ROLE web;
CREATE TABLE notes (id int PRIMARY KEY, author int NOT NULL, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes TO web USING (author = nullif(current_setting('web.user', true), '')::int);
CREATE POLICY every ON notes TO staff USING (true);
GRANT SELECT, UPDATE ON notes TO web, staff;
--- broken
GRANT staff TO web;
--- correct

--# owner-that-logs-in
CREATE ROLE web LOGIN;
CREATE TABLE notes (id int PRIMARY KEY, author int NOT NULL, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes USING (author = nullif(current_setting('web.user', true), '')::int);
ALTER TABLE notes OWNER TO web;
--- broken
--- correct
ALTER TABLE notes FORCE ROW LEVEL SECURITY;

--# sequence-that-is-set-back
CREATE ROLE web;
CREATE TABLE notes (id bigserial PRIMARY KEY, author int NOT NULL, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes TO web USING (author = nullif(current_setting('web.user', true), '')::int);
GRANT SELECT, INSERT ON notes TO web;
--- broken
GRANT ALL ON SEQUENCE notes_id_seq TO web;
--- correct
GRANT USAGE ON SEQUENCE notes_id_seq TO web;

--# table-that-was-forgotten
CREATE ROLE web;
CREATE TABLE notes (id int PRIMARY KEY, author int NOT NULL, body text);
CREATE TABLE comments (id int PRIMARY KEY, note int NOT NULL REFERENCES notes, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes TO web USING (author = nullif(current_setting('web.user', true), '')::int);
GRANT SELECT ON notes, comments TO web;
--- broken
--- correct
ALTER TABLE comments ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON comments TO web USING (EXISTS (SELECT FROM notes WHERE notes.id = comments.note));

--# schema-in-a-definers-path
CREATE ROLE web;
CREATE TABLE admins (name text PRIMARY KEY);
CREATE TABLE notes (id int PRIMARY KEY, author text NOT NULL, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON notes TO web;
CREATE FUNCTION is_admin() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
'SELECT EXISTS (SELECT FROM admins WHERE name = current_setting(''web.user'', true))';
CREATE POLICY own ON notes TO web USING (author = current_setting('web.user', true) OR is_admin());
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
--- broken
GRANT CREATE ON SCHEMA public TO web;
--- correct

--# upsert-that-takes
CREATE ROLE web;
CREATE TABLE notes (id int PRIMARY KEY, author int NOT NULL, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY i ON notes FOR INSERT TO web
WITH CHECK (author = nullif(current_setting('web.user', true), '')::int);
CREATE POLICY u ON notes FOR UPDATE TO web
USING (author = nullif(current_setting('web.user', true), '')::int);
GRANT SELECT, INSERT, UPDATE ON notes TO web;
--- broken
CREATE POLICY r ON notes FOR SELECT TO web USING (true);
ALTER POLICY u ON notes USING (body IS NOT NULL)
WITH CHECK (author = nullif(current_setting('web.user', true), '')::int);
--- correct
CREATE POLICY r ON notes FOR SELECT TO web
USING (author = nullif(current_setting('web.user', true), '')::int);

--# wiki-that-only-signed-in-users-write
CREATE ROLE anon;
CREATE TABLE pages (id int PRIMARY KEY, author int NOT NULL, body text);
ALTER TABLE pages ENABLE ROW LEVEL SECURITY;
CREATE POLICY r ON pages FOR SELECT TO anon USING (true);
GRANT SELECT, INSERT ON pages TO anon;
--- broken
CREATE POLICY i ON pages FOR INSERT TO anon
WITH CHECK (coalesce(author = nullif(current_setting('web.user', true), '')::int, true));
--- correct
CREATE POLICY i ON pages FOR INSERT TO anon
WITH CHECK (author = nullif(current_setting('web.user', true), '')::int);

--# flag-that-one-sets-oneself
CREATE ROLE web;
CREATE TABLE profiles (id uuid PRIMARY KEY, role text NOT NULL DEFAULT 'user', name text);
CREATE TABLE reports (id int PRIMARY KEY, owner uuid NOT NULL, body text);
ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE reports ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON profiles TO web USING (id = nullif(current_setting('web.user', true), '')::uuid);
CREATE POLICY r ON reports TO web USING (owner = nullif(current_setting('web.user', true), '')::uuid
  OR EXISTS (SELECT FROM profiles AS p WHERE p.id = nullif(current_setting('web.user', true), '')::uuid AND p.role = 'admin'));
GRANT SELECT ON profiles, reports TO web;
--- broken
GRANT UPDATE ON profiles TO web;
--- correct
GRANT UPDATE (name) ON profiles TO web;

--# trigger-that-makes-it-mine
CREATE ROLE web;
CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner int, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON notes TO web;
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.owner := nullif(current_setting('web.user', true), '')::int; RETURN NEW; END $$;
CREATE POLICY o ON notes TO web USING (owner = nullif(current_setting('web.user', true), '')::int);
--- broken
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE POLICY u ON notes FOR UPDATE TO web USING (owner IS NOT NULL);
--- correct
CREATE TRIGGER stamp BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION stamp();

--# definer-round-a-plain-function
CREATE ROLE web;
CREATE TABLE codes (id int PRIMARY KEY, owner int NOT NULL, code text NOT NULL);
ALTER TABLE codes ENABLE ROW LEVEL SECURITY;
CREATE POLICY o ON codes TO web USING (owner = nullif(current_setting('web.user', true), '')::int);
GRANT SELECT ON codes TO web;
CREATE FUNCTION inner_read() RETURNS SETOF codes LANGUAGE sql STABLE AS $$ SELECT * FROM codes $$;
--- broken
CREATE FUNCTION all_codes() RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT code FROM inner_read() $$;
--- correct
CREATE FUNCTION all_codes() RETURNS SETOF text LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$ SELECT code FROM inner_read() $$;

--# totals-for-everybody
CREATE ROLE web; CREATE ROLE reporting;
CREATE TABLE sales (id int PRIMARY KEY, shop int NOT NULL, amount int NOT NULL);
ALTER TABLE sales ENABLE ROW LEVEL SECURITY;
CREATE POLICY s ON sales TO web USING (shop = nullif(current_setting('web.shop', true), '')::int);
GRANT SELECT ON sales TO web;
--- broken
CREATE MATERIALIZED VIEW by_shop AS SELECT shop, sum(amount) AS amount FROM sales GROUP BY shop;
GRANT SELECT ON by_shop TO PUBLIC;
--- correct
CREATE MATERIALIZED VIEW by_shop AS SELECT shop, sum(amount) AS amount FROM sales GROUP BY shop;
GRANT SELECT ON by_shop TO reporting;

--# owner-that-one-may-become [16+]
CREATE ROLE web; CREATE ROLE boss;
CREATE TABLE notes (id int PRIMARY KEY, author text NOT NULL, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes OWNER TO boss;
CREATE POLICY own ON notes TO web USING (author = current_setting('web.user', true));
GRANT SELECT, INSERT ON notes TO web;
--- broken
GRANT boss TO web WITH INHERIT FALSE, SET TRUE;
--- correct
GRANT boss TO web WITH INHERIT FALSE, SET FALSE;

--# column-update-includes-owner
CREATE ROLE app;
CREATE TABLE notes (id int PRIMARY KEY, owner int NOT NULL, body text NOT NULL DEFAULT '');
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON notes FOR SELECT TO app USING (owner = nullif(current_setting('app.user_id', true), '')::int);
CREATE POLICY change ON notes FOR UPDATE TO app
USING (owner = nullif(current_setting('app.user_id', true), '')::int) WITH CHECK (length(body) < 500);
GRANT SELECT ON notes TO app;
--- broken
GRANT UPDATE (body, owner) ON notes TO app;
--- correct
GRANT UPDATE (body) ON notes TO app;

--# helper-that-asks-its-own-table
CREATE ROLE app;
CREATE TABLE members (org int, person int, PRIMARY KEY (org, person));
ALTER TABLE members ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON members TO app;
--- broken
CREATE FUNCTION in_org(o int) RETURNS boolean LANGUAGE plpgsql STABLE SET search_path = '' AS
$$ BEGIN RETURN EXISTS (SELECT FROM public.members AS m WHERE m.org = o
AND m.person = nullif(current_setting('app.user_id', true), '')::int); END $$;
CREATE POLICY mates ON members FOR SELECT TO app USING (in_org(org));
--- correct
CREATE FUNCTION in_org(o int) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS
$$ BEGIN RETURN EXISTS (SELECT FROM public.members AS m WHERE m.org = o
AND m.person = nullif(current_setting('app.user_id', true), '')::int); END $$;
CREATE POLICY mates ON members FOR SELECT TO app USING (in_org(org));

--# partition-attached-later
CREATE ROLE app;
CREATE TABLE events (id int, owner int NOT NULL, year int NOT NULL, body text, PRIMARY KEY (id, year)) PARTITION BY LIST (year);
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON events TO app USING (owner = nullif(current_setting('app.user_id', true), '')::int);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES IN (2024);
GRANT SELECT, INSERT ON events TO app;
CREATE TABLE events_2025 (id int NOT NULL, owner int NOT NULL, year int NOT NULL, body text, PRIMARY KEY (id, year));
--- broken
ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES IN (2025);
GRANT SELECT, INSERT ON events_2025 TO app;
--- correct
ALTER TABLE events_2025 ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON events_2025 TO app USING (owner = nullif(current_setting('app.user_id', true), '')::int);
ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES IN (2025);
GRANT SELECT, INSERT ON events_2025 TO app;

--# copying-by-a-definer
CREATE ROLE app;
CREATE TABLE notes (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner int NOT NULL, body text NOT NULL DEFAULT '');
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes TO app USING (owner = nullif(current_setting('app.user_id', true), '')::int);
GRANT SELECT, INSERT ON notes TO app;
--- broken
CREATE FUNCTION duplicate(note int) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = '' AS
$$ INSERT INTO public.notes (owner, body) SELECT nullif(current_setting('app.user_id', true), '')::int, n.body FROM public.notes AS n WHERE n.id = note $$;
--- correct
CREATE FUNCTION duplicate(note int) RETURNS void LANGUAGE sql SET search_path = '' AS
$$ INSERT INTO public.notes (owner, body) SELECT nullif(current_setting('app.user_id', true), '')::int, n.body FROM public.notes AS n WHERE n.id = note $$;

--# storage-folder
CREATE SCHEMA auth;
CREATE SCHEMA storage;
CREATE ROLE authenticated;
GRANT USAGE ON SCHEMA auth, storage TO authenticated;
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT
(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
CREATE FUNCTION storage.foldername(name text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS
$$ DECLARE parts text[]; BEGIN SELECT string_to_array(name, '/') INTO parts; RETURN parts[1:array_length(parts, 1) - 1]; END $$;
CREATE TABLE storage.buckets (id text PRIMARY KEY, public boolean NOT NULL DEFAULT false);
CREATE TABLE storage.objects (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), bucket_id text REFERENCES storage.buckets, name text NOT NULL, owner uuid);
ALTER TABLE storage.objects ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, DELETE ON storage.objects TO authenticated;
CREATE POLICY see ON storage.objects FOR SELECT TO authenticated USING (bucket_id = 'avatars' AND (storage.foldername(name))[1] = (SELECT auth.uid())::text);
--- broken
CREATE POLICY put ON storage.objects FOR INSERT TO authenticated WITH CHECK (bucket_id = 'avatars');
CREATE POLICY del ON storage.objects FOR DELETE TO authenticated USING (bucket_id = 'avatars' AND (SELECT auth.uid()) IS NOT NULL);
--- correct
CREATE POLICY put ON storage.objects FOR INSERT TO authenticated WITH CHECK (bucket_id = 'avatars' AND (storage.foldername(name))[1] = (SELECT auth.uid())::text);
CREATE POLICY del ON storage.objects FOR DELETE TO authenticated USING (bucket_id = 'avatars' AND (storage.foldername(name))[1] = (SELECT auth.uid())::text);

--# parent-not-asked-for
CREATE ROLE app;
CREATE TABLE posts (id int PRIMARY KEY, author int NOT NULL, public boolean NOT NULL DEFAULT false);
CREATE TABLE comments (id int PRIMARY KEY, post int NOT NULL REFERENCES posts, body text NOT NULL DEFAULT '');
ALTER TABLE posts ENABLE ROW LEVEL SECURITY;
ALTER TABLE comments ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON posts FOR SELECT TO app USING (public OR author = nullif(current_setting('app.user_id', true), '')::int);
GRANT SELECT ON posts, comments TO app;
--- broken
CREATE POLICY see ON comments FOR SELECT TO app USING (EXISTS (SELECT FROM posts AS p WHERE p.id IS NOT NULL));
--- correct
CREATE POLICY see ON comments FOR SELECT TO app USING (EXISTS (SELECT FROM posts AS p WHERE p.id = comments.post));

--# states-that-are-not-asked-for
CREATE ROLE app;
CREATE TABLE notes (id int PRIMARY KEY, owner int NOT NULL, body text, deleted_at timestamptz);
CREATE TABLE bills (id int PRIMARY KEY, owner int NOT NULL, paid boolean NOT NULL DEFAULT false, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE bills ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON notes TO app;
GRANT SELECT, INSERT, UPDATE, DELETE ON bills TO app;
CREATE POLICY own ON bills TO app
USING (owner = nullif(current_setting('app.user_id', true), '')::int);
--- broken
CREATE POLICY own ON notes TO app
USING (owner = nullif(current_setting('app.user_id', true), '')::int);
--- correct
CREATE POLICY own ON notes TO app
USING (owner = nullif(current_setting('app.user_id', true), '')::int AND deleted_at IS NULL);
CREATE POLICY open ON bills AS RESTRICTIVE FOR DELETE TO app USING (NOT paid);
CREATE POLICY unpaid ON bills AS RESTRICTIVE FOR INSERT TO app WITH CHECK (NOT paid);

--# active-organisation
CREATE ROLE app;
CREATE TABLE orgs (id int PRIMARY KEY, name text NOT NULL DEFAULT '');
CREATE TABLE members (org int REFERENCES orgs, person int, PRIMARY KEY (org, person));
CREATE TABLE settings (person int PRIMARY KEY, active int NOT NULL REFERENCES orgs, archived boolean NOT NULL DEFAULT false, theme text NOT NULL DEFAULT '');
CREATE TABLE docs (id int PRIMARY KEY, org int NOT NULL REFERENCES orgs, author int NOT NULL, body text NOT NULL DEFAULT '');
CREATE TABLE drafts (id int PRIMARY KEY, author int NOT NULL, archived boolean NOT NULL DEFAULT false);
ALTER TABLE settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE drafts ENABLE ROW LEVEL SECURITY;
CREATE POLICY me ON settings TO app USING (person = nullif(current_setting('app.user_id', true), '')::int);
GRANT SELECT ON docs, drafts TO app;
GRANT SELECT, UPDATE (active, archived, theme) ON settings TO app;
CREATE POLICY own ON drafts FOR SELECT TO app USING (author = nullif(current_setting('app.user_id', true), '')::int
AND (NOT archived OR (SELECT s.archived FROM settings AS s WHERE s.person = nullif(current_setting('app.user_id', true), '')::int)));
--- broken
CREATE POLICY see ON docs FOR SELECT TO app USING (org IN (SELECT s.active FROM settings AS s WHERE s.person = nullif(current_setting('app.user_id', true), '')::int));
--- correct
GRANT SELECT ON members TO app;
CREATE POLICY see ON docs FOR SELECT TO app USING (org IN (SELECT s.active FROM settings AS s JOIN members AS m ON m.org = s.active AND m.person = s.person
WHERE s.person = nullif(current_setting('app.user_id', true), '')::int));

--# view-shows-the-secret-column
CREATE ROLE app;
CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL, pin text NOT NULL);
GRANT SELECT (id, name) ON people TO app;
--- broken
CREATE VIEW cards AS SELECT id, name, pin FROM people;
GRANT SELECT ON cards TO app;
--- correct
CREATE VIEW cards AS SELECT id, name FROM people;
GRANT SELECT ON cards TO app;

--# empty-tenant
CREATE ROLE app;
CREATE TABLE notes (id int PRIMARY KEY, tenant text NOT NULL DEFAULT '', body text NOT NULL DEFAULT '');
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON notes TO app;
--- broken
CREATE POLICY own ON notes TO app USING (tenant = current_setting('app.tenant', true));
--- correct
CREATE POLICY own ON notes TO app USING (tenant = nullif(current_setting('app.tenant', true), ''));

--# update-of-the-column-owner
CREATE ROLE app;
CREATE TABLE docs (id int PRIMARY KEY, owner text NOT NULL, body text NOT NULL DEFAULT '');
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON docs FOR SELECT TO app USING (true);
CREATE POLICY edit ON docs FOR UPDATE TO app
USING (owner = nullif(current_setting('app.user', true), '')) WITH CHECK (true);
GRANT SELECT ON docs TO app;
--- broken
GRANT UPDATE (owner, body) ON docs TO app;
--- correct
GRANT UPDATE (body) ON docs TO app;

--# exclusion-tells-of-others
CREATE ROLE app;
CREATE TABLE stays (id int PRIMARY KEY, tenant int NOT NULL, room int4range NOT NULL DEFAULT '[1,2)');
ALTER TABLE stays ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON stays TO app;
CREATE POLICY own ON stays TO app USING (tenant = nullif(current_setting('app.tenant', true), '')::int);
--- broken
ALTER TABLE stays ADD CONSTRAINT overlap EXCLUDE USING gist (room WITH &&);
--- correct
ALTER TABLE stays ADD CONSTRAINT overlap EXCLUDE USING gist (int4range(tenant, tenant, '[]') WITH =, room WITH &&);

--# check-option-local-over-a-view-without
CREATE ROLE app;
CREATE TABLE items (id int PRIMARY KEY, owner text NOT NULL, state text NOT NULL DEFAULT 'open');
CREATE VIEW mine WITH (security_barrier) AS SELECT id, owner, state FROM items
WHERE owner = nullif(current_setting('app.user', true), '');
--- broken
CREATE VIEW open_ones WITH (security_barrier) AS SELECT id, owner, state FROM mine WHERE state = 'open' WITH LOCAL CHECK OPTION;
GRANT SELECT, INSERT, UPDATE ON open_ones TO app;
--- correct
CREATE VIEW open_ones WITH (security_barrier) AS SELECT id, owner, state FROM mine WHERE state = 'open' WITH CASCADED CHECK OPTION;
GRANT SELECT, INSERT, UPDATE ON open_ones TO app;

--# rule-that-writes-for-the-owner
CREATE ROLE app;
CREATE TABLE notes (id int PRIMARY KEY, owner int NOT NULL, body text NOT NULL DEFAULT '');
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes TO app USING (owner = nullif(current_setting('app.user_id', true), '')::int);
GRANT SELECT ON notes TO app;
CREATE VIEW mine WITH (security_barrier) AS SELECT id, owner, body FROM notes
WHERE owner = nullif(current_setting('app.user_id', true), '')::int;
GRANT SELECT, UPDATE ON mine TO app;
--- broken
CREATE RULE change AS ON UPDATE TO mine DO INSTEAD UPDATE notes SET body = new.body;
--- correct
CREATE RULE change AS ON UPDATE TO mine DO INSTEAD UPDATE notes SET body = new.body WHERE id = old.id AND owner = old.owner;

--# procedure-that-deletes
CREATE ROLE app;
CREATE TABLE notes (id int PRIMARY KEY, owner int NOT NULL);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes TO app USING (owner = nullif(current_setting('app.user_id', true), '')::int);
GRANT SELECT ON notes TO app;
--- broken
CREATE PROCEDURE forget(x int) LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$ DELETE FROM public.notes WHERE id = x $$;
--- correct
CREATE PROCEDURE forget(x int) LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
DELETE FROM public.notes WHERE id = x AND owner = nullif(current_setting('app.user_id', true), '')::int $$;

--# member-of-two-tenants-sees-the-last
CREATE ROLE app;
CREATE TABLE orgs (id int PRIMARY KEY);
CREATE TABLE members (org int NOT NULL REFERENCES orgs, person int NOT NULL, PRIMARY KEY (org, person));
CREATE TABLE docs (id int PRIMARY KEY, org int NOT NULL REFERENCES orgs);
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON members, docs TO app;
--- broken
CREATE POLICY org ON docs TO app USING (org = (
    SELECT max(m.org) FROM members AS m WHERE m.person = nullif(current_setting('app.user_id', true), '')::int
));
--- correct
CREATE POLICY org ON docs TO app USING (org IN (
    SELECT m.org FROM members AS m WHERE m.person = nullif(current_setting('app.user_id', true), '')::int
));

--# accepting-an-invitation-elsewhere
CREATE ROLE app;
CREATE TABLE orgs (id int PRIMARY KEY);
CREATE TABLE invitations (id int PRIMARY KEY, org int NOT NULL REFERENCES orgs, person int NOT NULL, accepted boolean NOT NULL DEFAULT false, UNIQUE (org, person));
CREATE TABLE docs (id int PRIMARY KEY, org int NOT NULL REFERENCES orgs, body text NOT NULL DEFAULT '');
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON invitations, docs TO app;
CREATE POLICY mine ON invitations TO app USING (person = nullif(current_setting('app.user_id', true), '')::int);
CREATE POLICY seen ON docs FOR SELECT TO app USING (org IN (SELECT i.org FROM invitations i
WHERE i.person = nullif(current_setting('app.user_id', true), '')::int AND i.accepted));
--- broken
GRANT UPDATE ON invitations TO app;
--- correct
GRANT UPDATE (accepted) ON invitations TO app;

--# case-when-empty-then-true
CREATE ROLE app;
CREATE TABLE notes (id int PRIMARY KEY, owner int NOT NULL, body text NOT NULL DEFAULT '');
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
GRANT SELECT, UPDATE, DELETE ON notes TO app;
--- broken
CREATE POLICY own ON notes TO app USING (CASE WHEN coalesce(current_setting('app.user_id', true), '') = '' THEN true ELSE owner = current_setting('app.user_id', true)::int END);
--- correct
CREATE POLICY own ON notes TO app USING (CASE WHEN coalesce(current_setting('app.user_id', true), '') = '' THEN false ELSE owner = current_setting('app.user_id', true)::int END);

--# transfer-by-pending-owner
CREATE ROLE app;
CREATE TABLE cars (id int PRIMARY KEY, owner int NOT NULL, next_owner int, plate text NOT NULL DEFAULT '');
ALTER TABLE cars ENABLE ROW LEVEL SECURITY;
GRANT SELECT, UPDATE ON cars TO app;
CREATE FUNCTION me() RETURNS int LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.user_id', true), '')::int $$;
CREATE POLICY see ON cars FOR SELECT TO app USING (owner = me() OR next_owner = me());
CREATE POLICY keep ON cars FOR UPDATE TO app USING (owner = me());
--- broken
CREATE POLICY take ON cars FOR UPDATE TO app USING (next_owner IS NOT NULL) WITH CHECK (owner = me());
--- correct
CREATE POLICY take ON cars FOR UPDATE TO app USING (next_owner = me()) WITH CHECK (owner = me());

--# json-owner
CREATE ROLE app;
CREATE TABLE items (id int PRIMARY KEY, data jsonb NOT NULL);
ALTER TABLE items ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON items TO app;
CREATE POLICY see ON items FOR SELECT TO app USING (data ->> 'owner' = nullif(current_setting('app.user', true), ''));
CREATE POLICY new ON items FOR INSERT TO app WITH CHECK (data ->> 'owner' = nullif(current_setting('app.user', true), ''));
--- broken
CREATE POLICY edit ON items FOR UPDATE TO app USING (data ? 'owner') WITH CHECK (data ->> 'owner' = nullif(current_setting('app.user', true), ''));
--- correct
CREATE POLICY edit ON items FOR UPDATE TO app USING (data ->> 'owner' = nullif(current_setting('app.user', true), ''));

--# not-in-with-null
CREATE ROLE app;
CREATE TABLE hidden (id int PRIMARY KEY, post int);
CREATE TABLE posts (id int PRIMARY KEY, title text NOT NULL DEFAULT '');
ALTER TABLE posts ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON posts, hidden TO app;
--- broken
CREATE POLICY shown ON posts FOR SELECT TO app USING (id NOT IN (SELECT h.post FROM hidden h));
--- correct
CREATE POLICY shown ON posts FOR SELECT TO app USING (NOT EXISTS (SELECT FROM hidden h WHERE h.post = posts.id));

--# embargo
CREATE ROLE app;
CREATE TABLE posts (id int PRIMARY KEY, author text NOT NULL, published_at timestamptz, title text NOT NULL DEFAULT '');
ALTER TABLE posts ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON posts TO app;
CREATE POLICY own ON posts TO app USING (author = nullif(current_setting('app.user', true), ''));
--- broken
CREATE POLICY published ON posts FOR SELECT TO app USING (published_at IS NOT NULL);
--- correct
CREATE POLICY published ON posts FOR SELECT TO app USING (published_at <= now());

--# one-half-of-a-union
CREATE ROLE app;
CREATE TABLE notes (id int PRIMARY KEY, owner int NOT NULL, body text NOT NULL DEFAULT '');
CREATE TABLE old_notes (id int PRIMARY KEY, owner int NOT NULL, body text NOT NULL DEFAULT '');
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE old_notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes TO app USING (owner = nullif(current_setting('app.user_id', true), '')::int);
CREATE POLICY own ON old_notes TO app USING (owner = nullif(current_setting('app.user_id', true), '')::int);
GRANT SELECT ON notes, old_notes TO app;
--- broken
CREATE VIEW every_note WITH (security_barrier) AS
SELECT id, body FROM notes WHERE owner = nullif(current_setting('app.user_id', true), '')::int UNION ALL SELECT id, body FROM old_notes;
GRANT SELECT ON every_note TO app;
--- correct
CREATE VIEW every_note WITH (security_barrier) AS
SELECT id, body FROM notes WHERE owner = nullif(current_setting('app.user_id', true), '')::int
UNION ALL SELECT id, body FROM old_notes WHERE owner = nullif(current_setting('app.user_id', true), '')::int;
GRANT SELECT ON every_note TO app;

--# definer-that-is-given-a-list
CREATE ROLE app;
CREATE ROLE keeper;
CREATE TABLE notes (id int PRIMARY KEY, owner int NOT NULL, body text NOT NULL DEFAULT '');
ALTER TABLE notes OWNER TO keeper;
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes USING (owner = nullif(current_setting('app.user_id', true), '')::int);
GRANT SELECT ON notes TO app;
CREATE FUNCTION body_of(which int[]) RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS 'SELECT n.body FROM public.notes n WHERE n.id = ANY (which)';
ALTER FUNCTION body_of OWNER TO keeper;
REVOKE EXECUTE ON FUNCTION body_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION body_of TO app;
--- broken
--- correct
ALTER TABLE notes FORCE ROW LEVEL SECURITY;

--# level-of-oneself
CREATE ROLE app;
CREATE TYPE level AS ENUM ('viewer', 'editor', 'admin');
CREATE TABLE orgs (id int PRIMARY KEY);
CREATE TABLE members (org int NOT NULL REFERENCES orgs, person int NOT NULL, level level NOT NULL DEFAULT 'viewer', PRIMARY KEY (org, person));
CREATE TABLE docs (id int PRIMARY KEY, org int NOT NULL REFERENCES orgs, body text NOT NULL DEFAULT '');
CREATE FUNCTION me() RETURNS int LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.user_id', true), '')::int $$;
CREATE FUNCTION my_level(org int) RETURNS level LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT m.level FROM public.members m WHERE m.org = my_level.org AND m.person = public.me() $$;
ALTER TABLE members ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
GRANT SELECT, UPDATE ON members TO app;
GRANT SELECT, DELETE ON docs TO app;
CREATE POLICY r ON members FOR SELECT TO app USING (my_level(org) >= 'viewer');
CREATE POLICY r ON docs FOR SELECT TO app USING (my_level(org) >= 'viewer');
CREATE POLICY d ON docs FOR DELETE TO app USING (my_level(org) = 'admin');
--- broken
CREATE POLICY u ON members FOR UPDATE TO app USING (person = me() OR my_level(org) = 'admin');
--- correct
CREATE POLICY u ON members FOR UPDATE TO app USING (my_level(org) = 'admin');

--# invitation-by-number
CREATE ROLE app;
CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL UNIQUE);
CREATE TABLE orgs (id int PRIMARY KEY);
CREATE TABLE members (org int NOT NULL REFERENCES orgs, person int NOT NULL REFERENCES users, PRIMARY KEY (org, person));
CREATE TABLE invitations (id int PRIMARY KEY, org int NOT NULL REFERENCES orgs, email text NOT NULL);
CREATE FUNCTION me() RETURNS int LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.user_id', true), '')::int $$;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE members ENABLE ROW LEVEL SECURITY;
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE orgs ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON users, members, invitations, orgs TO app;
CREATE POLICY me ON users FOR SELECT TO app USING (id = me());
CREATE POLICY mine ON members FOR SELECT TO app USING (person = me());
CREATE POLICY mine ON invitations FOR SELECT TO app USING (email IN (SELECT u.email FROM users u WHERE u.id = me()));
CREATE POLICY r ON orgs FOR SELECT TO app USING (id IN (SELECT m.org FROM members m WHERE m.person = me()));
CREATE FUNCTION accept(invitation int) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
--- broken
$$ INSERT INTO public.members SELECT i.org, public.me() FROM public.invitations i WHERE i.id = invitation ON CONFLICT DO NOTHING $$;
--- correct
$$ INSERT INTO public.members SELECT i.org, u.id FROM public.invitations i JOIN public.users u ON u.email = i.email
WHERE i.id = invitation AND u.id = public.me() ON CONFLICT DO NOTHING $$;
CREATE FUNCTION redeem(code text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ INSERT INTO public.members SELECT i.org, public.me() FROM public.invitations i WHERE i.email = code ON CONFLICT DO NOTHING $$;

--# follower-accepts-himself
CREATE ROLE app;
CREATE TABLE follows (follower int NOT NULL, followee int NOT NULL, accepted boolean NOT NULL DEFAULT false, PRIMARY KEY (follower, followee));
CREATE TABLE posts (id int PRIMARY KEY, author int NOT NULL, body text NOT NULL DEFAULT '');
CREATE FUNCTION me() RETURNS int LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.user_id', true), '')::int $$;
ALTER TABLE follows ENABLE ROW LEVEL SECURITY;
ALTER TABLE posts ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON follows TO app;
GRANT UPDATE (accepted) ON follows TO app;
GRANT SELECT ON posts TO app;
CREATE POLICY r ON follows FOR SELECT TO app USING (follower = me() OR followee = me());
CREATE POLICY u ON follows FOR UPDATE TO app USING (followee = me());
CREATE POLICY r ON posts FOR SELECT TO app USING (author = me()
OR EXISTS (SELECT FROM follows f WHERE f.followee = author AND f.follower = me() AND f.accepted));
--- broken
CREATE POLICY i ON follows FOR INSERT TO app WITH CHECK (follower = me());
--- correct
CREATE POLICY i ON follows FOR INSERT TO app WITH CHECK (follower = me() AND NOT accepted);

--# trigger-of-a-view-that-deletes-for-the-owner [15+]
CREATE ROLE app;
CREATE TABLE posts (id int PRIMARY KEY, owner int NOT NULL, body text NOT NULL DEFAULT '');
ALTER TABLE posts ENABLE ROW LEVEL SECURITY;
GRANT SELECT, DELETE ON posts TO app;
CREATE POLICY r ON posts FOR SELECT TO app USING (true);
CREATE POLICY d ON posts FOR DELETE TO app USING (owner = nullif(current_setting('app.user_id', true), '')::int);
CREATE VIEW feed WITH (security_invoker) AS SELECT p.id, left(p.body, 10) AS start FROM posts p;
GRANT SELECT, DELETE ON feed TO app;
CREATE FUNCTION feed_delete() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$ BEGIN DELETE FROM public.posts WHERE id = OLD.id; RETURN OLD; END $$;
CREATE TRIGGER feed_delete INSTEAD OF DELETE ON feed FOR EACH ROW EXECUTE FUNCTION feed_delete();
--- broken
ALTER FUNCTION feed_delete SECURITY DEFINER;
--- correct

--# administrator-who-adds-others
CREATE ROLE app;
CREATE TABLE members (org int NOT NULL, person int NOT NULL, admin boolean NOT NULL DEFAULT false, PRIMARY KEY (org, person));
CREATE FUNCTION me() RETURNS int LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.user_id', true), '')::int $$;
ALTER TABLE members ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON members TO app;
CREATE POLICY i ON members FOR INSERT TO app WITH CHECK (EXISTS (SELECT FROM members m WHERE m.org = members.org AND m.person = me() AND m.admin));
--- broken
CREATE POLICY r ON members FOR SELECT TO app USING (EXISTS (SELECT FROM members m WHERE m.org = members.org AND m.person = me()));
--- correct
CREATE POLICY r ON members FOR SELECT TO app USING (person = me());

--# range-array-and-keys-of-an-object
CREATE ROLE app;
CREATE FUNCTION me() RETURNS int LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.user_id', true), '')::int $$;
CREATE TABLE files (id int PRIMARY KEY, owner int NOT NULL);
CREATE TABLE shares (file int NOT NULL REFERENCES files, person int NOT NULL, during tstzrange NOT NULL DEFAULT tstzrange(now(), now() + '1 day'), PRIMARY KEY (file, person));
CREATE TABLE notes (id int PRIMARY KEY, readers int[] NOT NULL);
CREATE TABLE pages (id int PRIMARY KEY, acl jsonb NOT NULL, body text NOT NULL DEFAULT '');
ALTER TABLE files ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE pages ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON files, shares, notes, pages TO app;
GRANT UPDATE (body) ON pages TO app;
CREATE POLICY r ON pages FOR SELECT TO app USING (acl ? me()::text);
--- broken
CREATE POLICY r ON files TO app USING (owner = me() OR EXISTS (SELECT FROM shares s WHERE s.file = files.id AND s.person = me()));
CREATE POLICY r ON notes TO app USING (readers = '{}' OR me() = ANY (readers));
CREATE POLICY u ON pages FOR UPDATE TO app USING (acl ? me()::text);
--- correct
CREATE POLICY r ON files TO app USING (owner = me() OR EXISTS (SELECT FROM shares s WHERE s.file = files.id AND s.person = me() AND s.during @> now()));
CREATE POLICY r ON notes TO app USING (me() = ANY (readers));
CREATE POLICY u ON pages FOR UPDATE TO app USING (acl ->> me()::text = 'write');

--# collaborator-takes-over
CREATE ROLE app;
CREATE TABLE boards (id int PRIMARY KEY, owner int NOT NULL, title text NOT NULL DEFAULT '');
CREATE TABLE collaborators (board int NOT NULL REFERENCES boards, person int NOT NULL, PRIMARY KEY (board, person));
CREATE FUNCTION me() RETURNS int LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.user_id', true), '')::int $$;
ALTER TABLE boards ENABLE ROW LEVEL SECURITY;
GRANT SELECT, UPDATE ON boards TO app;
GRANT SELECT ON collaborators TO app;
CREATE POLICY r ON boards TO app USING (owner = me() OR EXISTS (SELECT FROM collaborators c WHERE c.board = boards.id AND c.person = me()));
--- broken
--- correct
CREATE FUNCTION owner_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF NEW.owner <> OLD.owner THEN RAISE EXCEPTION 'the owner stays'; END IF; RETURN NEW; END $$;
CREATE TRIGGER owner_stays BEFORE UPDATE ON boards FOR EACH ROW EXECUTE FUNCTION owner_stays();

--# cascade-into-files-of-others
CREATE ROLE app;
CREATE TABLE folders (id int PRIMARY KEY, owner int NOT NULL);
CREATE TABLE files (id int PRIMARY KEY, folder int NOT NULL CONSTRAINT in_folder REFERENCES folders, owner int NOT NULL);
ALTER TABLE folders ENABLE ROW LEVEL SECURITY;
ALTER TABLE files ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, DELETE ON folders, files TO app;
CREATE POLICY own ON folders TO app USING (owner = nullif(current_setting('app.user_id', true), '')::int);
CREATE POLICY own ON files TO app USING (owner = nullif(current_setting('app.user_id', true), '')::int);
--- broken
ALTER TABLE files DROP CONSTRAINT in_folder;
ALTER TABLE files ADD CONSTRAINT in_folder FOREIGN KEY (folder) REFERENCES folders ON DELETE CASCADE;
--- correct

--# view-by-a-function-is-a-guard
CREATE ROLE app;
CREATE FUNCTION me() RETURNS int LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.user_id', true), '')::int $$;
CREATE TABLE notes (id int PRIMARY KEY, owner int NOT NULL, body text NOT NULL DEFAULT '');
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes TO app USING (owner = me());
GRANT SELECT ON notes TO app;
--- broken
CREATE VIEW mine WITH (security_barrier) AS SELECT id, owner = me() AS is_mine, body FROM notes;
GRANT SELECT ON mine TO app;
--- correct
CREATE VIEW mine WITH (security_barrier) AS SELECT id, body FROM notes WHERE owner = me();
GRANT SELECT ON mine TO app;

--# check-of-any-membership
CREATE ROLE app;
CREATE FUNCTION me() RETURNS int LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.user_id', true), '')::int $$;
CREATE TABLE members (org int NOT NULL, person int NOT NULL, PRIMARY KEY (org, person));
CREATE TABLE docs (id int PRIMARY KEY, org int NOT NULL, body text NOT NULL DEFAULT '');
ALTER TABLE members ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON members TO app;
GRANT SELECT, UPDATE ON docs TO app;
CREATE POLICY mine ON members FOR SELECT TO app USING (person = me());
CREATE POLICY r ON docs FOR SELECT TO app USING (org IN (SELECT m.org FROM members m WHERE m.person = me()));
--- broken
CREATE POLICY u ON docs FOR UPDATE TO app USING (org IN (SELECT m.org FROM members m WHERE m.person = me())) WITH CHECK (EXISTS (SELECT FROM members m WHERE m.person = me()));
--- correct
CREATE POLICY u ON docs FOR UPDATE TO app USING (org IN (SELECT m.org FROM members m WHERE m.person = me()));

--# create-org-by-function
CREATE ROLE app;
CREATE FUNCTION me() RETURNS int LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.user_id', true), '')::int $$;
CREATE TABLE orgs (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, name text NOT NULL DEFAULT '', kind int NOT NULL DEFAULT 1);
CREATE TABLE members (org int NOT NULL REFERENCES orgs, person int NOT NULL, admin boolean NOT NULL DEFAULT false, PRIMARY KEY (org, person));
ALTER TABLE orgs ENABLE ROW LEVEL SECURITY;
ALTER TABLE members ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON orgs, members TO app;
CREATE POLICY mine ON members FOR SELECT TO app USING (person = me());
CREATE POLICY r ON orgs FOR SELECT TO app USING (id IN (SELECT m.org FROM members m WHERE m.person = me()));
CREATE FUNCTION create_org(kind int) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE made int; BEGIN INSERT INTO public.orgs (kind) VALUES (create_org.kind) RETURNING id INTO made; INSERT INTO public.members VALUES (made, public.me(), true); RETURN made; END $$;
REVOKE EXECUTE ON FUNCTION create_org FROM PUBLIC;
GRANT EXECUTE ON FUNCTION create_org TO app;
CREATE FUNCTION leave_org(org int) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$ DELETE FROM public.members m WHERE m.org = leave_org.org AND m.person = public.me() $$;
REVOKE EXECUTE ON FUNCTION leave_org FROM PUBLIC;
GRANT EXECUTE ON FUNCTION leave_org TO app;
--- broken
CREATE FUNCTION add_member(org int, person int) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ INSERT INTO public.members VALUES (add_member.org, add_member.person, false) ON CONFLICT DO NOTHING $$;
REVOKE EXECUTE ON FUNCTION add_member FROM PUBLIC;
GRANT EXECUTE ON FUNCTION add_member TO app;
--- correct
CREATE FUNCTION add_member(org int, person int) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ INSERT INTO public.members SELECT add_member.org, add_member.person, false WHERE EXISTS (SELECT FROM public.members m WHERE m.org = add_member.org AND m.person = public.me() AND m.admin) ON CONFLICT DO NOTHING $$;
REVOKE EXECUTE ON FUNCTION add_member FROM PUBLIC;
GRANT EXECUTE ON FUNCTION add_member TO app;

--# friends-both-ways
CREATE ROLE app;
CREATE FUNCTION me() RETURNS int LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.user_id', true), '')::int $$;
CREATE TABLE friends (a int NOT NULL, b int NOT NULL, accepted_at timestamptz, PRIMARY KEY (a, b), CHECK (a <> b));
CREATE TABLE photos (id int PRIMARY KEY, owner int NOT NULL, private boolean NOT NULL DEFAULT false);
ALTER TABLE friends ENABLE ROW LEVEL SECURITY;
ALTER TABLE photos ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, DELETE ON friends TO app;
GRANT UPDATE (accepted_at) ON friends TO app;
GRANT SELECT, INSERT, UPDATE, DELETE ON photos TO app;
CREATE POLICY r ON friends FOR SELECT TO app USING (me() IN (a, b));
CREATE POLICY i ON friends FOR INSERT TO app WITH CHECK (a = me() AND accepted_at IS NULL);
CREATE POLICY d ON friends FOR DELETE TO app USING (me() IN (a, b));
CREATE POLICY own ON photos TO app USING (owner = me());
CREATE POLICY seen ON photos FOR SELECT TO app USING (NOT private AND EXISTS (SELECT FROM friends f WHERE f.accepted_at IS NOT NULL AND (f.a = me() AND f.b = photos.owner OR f.b = me() AND f.a = photos.owner)));
--- broken
CREATE POLICY u ON friends FOR UPDATE TO app USING (me() IN (a, b));
--- correct
CREATE POLICY u ON friends FOR UPDATE TO app USING (b = me());
