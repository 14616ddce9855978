-- What each rule objects to, where the pairs do not show it.
CREATE ROLE anon;
CREATE ROLE web;
CREATE SCHEMA app;
GRANT USAGE ON SCHEMA app TO anon, web;
CREATE FUNCTION app.me() RETURNS integer LANGUAGE sql STABLE SET search_path = ''
AS $$ SELECT nullif(current_setting('web.user', true), '')::integer $$;

CREATE TABLE app.off (id bigint PRIMARY KEY, owner integer NOT NULL);
CREATE POLICY own ON app.off TO web USING (owner = app.me());

CREATE TABLE app.closed (id bigint PRIMARY KEY, owner integer NOT NULL);
ALTER TABLE app.closed ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON app.closed TO web;

CREATE TABLE app.hidden (id bigint PRIMARY KEY, owner integer NOT NULL);
ALTER TABLE app.hidden ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON app.hidden TO web;
CREATE TABLE app.through (id bigint PRIMARY KEY, owner integer NOT NULL);
ALTER TABLE app.through ENABLE ROW LEVEL SECURITY;
CREATE POLICY via ON app.through FOR SELECT TO web
USING (EXISTS (SELECT FROM app.hidden AS h WHERE h.owner = through.owner));
GRANT SELECT ON app.through TO web;

CREATE TABLE app.narrowed (id bigint PRIMARY KEY, owner integer NOT NULL);
ALTER TABLE app.narrowed ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON app.narrowed AS RESTRICTIVE TO web USING (owner = app.me());
GRANT SELECT ON app.narrowed TO web;

CREATE TABLE app.ungranted (id bigint PRIMARY KEY, owner integer NOT NULL);
ALTER TABLE app.ungranted ENABLE ROW LEVEL SECURITY;
CREATE POLICY gone ON app.ungranted FOR DELETE TO web USING (owner = app.me());
CREATE FUNCTION app.kept() RETURNS integer LANGUAGE sql IMMUTABLE
AS $$ SELECT nullif(current_setting('web.user', true), '')::integer $$;
CREATE POLICY own ON app.ungranted FOR SELECT TO web USING (owner = app.kept());
GRANT SELECT ON app.ungranted TO web;

CREATE TABLE app.open (id bigint PRIMARY KEY, owner integer NOT NULL);
ALTER TABLE app.open ENABLE ROW LEVEL SECURITY;
CREATE POLICY folded ON app.open FOR UPDATE TO web USING (1 = 1 OR owner = app.me());
GRANT UPDATE ON app.open TO web;

CREATE TABLE app.itself (id bigint PRIMARY KEY, owner integer NOT NULL);
ALTER TABLE app.itself ENABLE ROW LEVEL SECURITY;
CREATE POLICY captured ON app.itself FOR SELECT TO web
USING (EXISTS (SELECT FROM app.open AS o WHERE o.owner = owner));
GRANT SELECT ON app.itself TO web;
GRANT TRUNCATE ON app.itself TO web;

CREATE TABLE app.often (id bigint PRIMARY KEY, owner integer NOT NULL);
CREATE INDEX often_owner ON app.often (owner);
ALTER TABLE app.often ENABLE ROW LEVEL SECURITY;
CREATE POLICY called ON app.often FOR SELECT TO web USING (owner = app.me());
CREATE POLICY wrapped ON app.often FOR DELETE TO web USING (owner = (SELECT app.me()));
GRANT SELECT, DELETE ON app.often TO web;

CREATE TABLE app.staff (id bigint, nick text, email text UNIQUE, unit integer, off boolean);
ALTER TABLE app.staff ADD CONSTRAINT staff_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX ON app.staff (lower(nick));
CREATE UNIQUE INDEX ON app.staff (unit) WHERE NOT off;
CREATE TABLE app.asking (id bigint PRIMARY KEY, owner integer NOT NULL, unit integer NOT NULL);
ALTER TABLE app.asking ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON app.asking TO web;
CREATE POLICY nick ON app.asking TO web
USING (unit = (SELECT s.unit FROM app.staff AS s WHERE lower(s.nick) = asking.owner::text));
CREATE POLICY email ON app.asking TO web
USING (unit = (SELECT s.unit FROM app.staff AS s WHERE lower(s.email) = asking.owner::text));
CREATE POLICY head ON app.asking TO web
USING (id = (SELECT s.id FROM app.staff AS s WHERE s.unit = asking.unit AND NOT s.off));
CREATE POLICY unit ON app.asking TO web
USING (id = (SELECT s.id FROM app.staff AS s WHERE s.unit = asking.unit AND s.off));
CREATE VIEW app.my_staff AS SELECT id, unit FROM app.staff WHERE unit = app.me();
CREATE VIEW app.shown_staff AS SELECT id FROM app.my_staff;
CREATE VIEW app.marked_staff AS SELECT id, unit = app.me() AS mine FROM app.staff;
CREATE VIEW app.kept_staff WITH (security_barrier) AS SELECT id FROM app.my_staff;
GRANT SELECT ON app.shown_staff, app.marked_staff, app.kept_staff TO web;

CREATE FUNCTION app.every() RETURNS SETOF app.often
LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$ SELECT * FROM app.often $$;
CREATE FUNCTION app.leaks(words text) RETURNS boolean LANGUAGE plpgsql LEAKPROOF
AS $$ BEGIN RAISE NOTICE '%', words; RETURN true; END $$;
CREATE FUNCTION app.keeps(words text) RETURNS boolean LANGUAGE sql LEAKPROOF
AS $$ SELECT words = 'yes' $$;

CREATE TABLE app.old (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text);
CREATE INDEX old_note ON app.old (note);
CREATE INDEX old_note_again ON app.old (note);
CREATE INDEX old_note_some ON app.old (note) WHERE note <> '';
ALTER TABLE app.old ADD CONSTRAINT short CHECK (length(note) < 9) NOT VALID;
CREATE FUNCTION app.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER idle BEFORE INSERT ON app.old FOR EACH ROW EXECUTE FUNCTION app.nothing();
ALTER TABLE app.old DISABLE TRIGGER idle;
CREATE UNLOGGED TABLE app.scratch (note text);

-- A row that is NULL, a default that is computed again, a declaration that is none: broken, right.
CREATE TABLE counted (kind text PRIMARY KEY, n bigint, id bigint GENERATED ALWAYS AS IDENTITY);
CREATE FUNCTION down() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN UPDATE counted SET n = n - 1 WHERE kind = NEW.kind; RETURN OLD; END $$;
CREATE FUNCTION branched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF TG_OP = 'INSERT' THEN NEW.n := OLD.n; ELSE NEW.n := OLD.n; END IF; RETURN NEW; END $$;
CREATE FUNCTION either() RETURNS trigger LANGUAGE plpgsql AS $$ -- not NEW.kind
BEGIN DELETE FROM counted WHERE kind = coalesce(NEW.kind, OLD.kind); RETURN OLD; END $$;
CREATE FUNCTION general() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF TG_OP = 'UPDATE' AND NEW.n <> OLD.n THEN RETURN NULL; END IF; RETURN NEW; END $$;
CREATE TRIGGER down BEFORE DELETE ON counted FOR EACH ROW EXECUTE FUNCTION down();
CREATE TRIGGER either AFTER DELETE ON counted FOR EACH ROW EXECUTE FUNCTION either();
CREATE TRIGGER general BEFORE INSERT ON counted FOR EACH ROW EXECUTE FUNCTION general();
CREATE TRIGGER branched BEFORE INSERT OR UPDATE ON counted
FOR EACH ROW EXECUTE FUNCTION branched();
CREATE RULE again AS ON INSERT TO counted DO ALSO NOTIFY counted;
CREATE TABLE copied (id bigint PRIMARY KEY);
CREATE TABLE numbered (id bigserial PRIMARY KEY, kind text NOT NULL);
CREATE RULE again AS ON INSERT TO numbered DO ALSO INSERT INTO copied VALUES (new.id);
CREATE FUNCTION lookup(k text) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT n FROM public.counted WHERE kind = k $$;
CREATE FUNCTION idle(k text) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT n FROM public.counted WHERE kind = k $$;
CREATE FUNCTION year_of(counted date) RETURNS double precision LANGUAGE sql IMMUTABLE AS
$$ SELECT extract(year FROM counted) $$;
CREATE INDEX ON numbered (lookup(kind));
CREATE TABLE zoned (
    id bigint PRIMARY KEY, at timestamptz NOT NULL, name text, note text
);
CREATE FUNCTION day_here(at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE AS
$$ SELECT at::date $$;
CREATE FUNCTION day_there(at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE AS
$$ SELECT (at AT TIME ZONE 'UTC')::date $$;
CREATE FUNCTION seconds(at timestamptz) RETURNS numeric LANGUAGE sql IMMUTABLE AS
$$ SELECT extract(epoch FROM at) $$;
CREATE INDEX ON zoned (day_here(at), day_there(at), seconds(at));
CREATE VIEW renamed AS SELECT id, at, name, note FROM zoned WHERE id > 0 GROUP BY id;
CREATE FUNCTION rename() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO zoned (id, at, name, note) VALUES (NEW.id, NEW.at, NEW.name, NEW.note);
    ELSE
        UPDATE zoned SET at = NEW.at, name = NEW.name WHERE id = OLD.id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER losing INSTEAD OF INSERT OR UPDATE ON renamed
FOR EACH ROW EXECUTE FUNCTION rename();
CREATE VIEW read_only AS SELECT id, at, name, note FROM zoned WHERE id > 0 GROUP BY id;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.note IS DISTINCT FROM OLD.note THEN
        RAISE EXCEPTION 'note is read only';
    END IF;
    UPDATE zoned SET at = NEW.at, name = NEW.name WHERE id = OLD.id;
    RETURN NEW;
END $$;
CREATE TRIGGER refusing INSTEAD OF UPDATE ON read_only
FOR EACH ROW EXECUTE FUNCTION refuse();

CREATE TABLE code (
    code text PRIMARY KEY, n int UNIQUE
);
CREATE TABLE coded (
    id bigint PRIMARY KEY,
    one text NOT NULL CONSTRAINT one_key REFERENCES code ON UPDATE CASCADE CHECK (one = 'one'),
    either text CONSTRAINT either_key REFERENCES code ON UPDATE CASCADE
    CHECK (either IN ('a', 'b')),
    number int CONSTRAINT number_key REFERENCES code (n) ON UPDATE CASCADE CHECK (number = 7),
    wanted text CONSTRAINT wanted_key REFERENCES code ON DELETE SET NULL
    CHECK (wanted IS NOT NULL),
    free text CONSTRAINT free_key REFERENCES code ON DELETE SET NULL CHECK (free <> 'x'),
    kept text CONSTRAINT kept_key REFERENCES code CHECK (kept = 'kept')
);
