-- What the examples of docs/assertions.md test. docs/examples/assertions.sql has the examples.
CREATE ROLE app;
CREATE ROLE clerk IN ROLE app;
CREATE ROLE clerk_login LOGIN IN ROLE clerk;

CREATE TYPE status AS ENUM ('open', 'paid', 'shipped');
CREATE DOMAIN email AS text CHECK (value LIKE '%@%');
CREATE TYPE address AS (street text, city text);

CREATE TABLE customers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email email NOT NULL UNIQUE,
    name text
);
CREATE SEQUENCE order_id_seq;
CREATE TABLE orders (
    id bigint PRIMARY KEY DEFAULT nextval('order_id_seq'),
    customer_id bigint NOT NULL,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    state status NOT NULL DEFAULT 'open',
    placed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers
        ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT orders_total_check CHECK (total >= 0)
);
ALTER SEQUENCE order_id_seq OWNED BY orders.id;
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX orders_open ON orders (placed_at) WHERE state = 'open';
CREATE TABLE notes (body text);
CREATE TABLE audit (order_id bigint, at timestamptz);

CREATE TABLE events (at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE people (name text);
CREATE TABLE employees (salary numeric) INHERITS (people);

CREATE VIEW open_orders AS SELECT id, total FROM orders WHERE state = 'open';
CREATE MATERIALIZED VIEW totals AS SELECT customer_id, sum(total) FROM orders GROUP BY 1;
CREATE INDEX totals_customer ON totals (customer_id);
CREATE RULE notes_kept AS ON DELETE TO notes DO INSTEAD NOTHING;

CREATE FUNCTION tax(amount numeric) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT round(amount * 0.19, 2) $$;
CREATE FUNCTION customer_count() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = public AS $$ SELECT count(*) FROM customers $$;
CREATE AGGREGATE product (numeric) (sfunc = numeric_mul, stype = numeric, initcond = '1');
CREATE PROCEDURE archive(before date) LANGUAGE sql AS
    $$ DELETE FROM orders WHERE placed_at < before $$;
CREATE FUNCTION note_order() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO audit VALUES (NEW.id, now()); RETURN NULL; END $$;
CREATE TRIGGER orders_audit AFTER INSERT OR UPDATE OF total ON orders
    FOR EACH ROW EXECUTE FUNCTION note_order();
CREATE FUNCTION round_total() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.total := round(NEW.total, 2); RETURN NEW; END $$;
CREATE TRIGGER orders_round BEFORE UPDATE ON orders
    FOR EACH ROW WHEN (NEW.total IS DISTINCT FROM OLD.total) EXECUTE FUNCTION round_total();

CREATE SCHEMA lib;
CREATE OPERATOR lib.=== (leftarg = text, rightarg = text, function = texteq);
CREATE OPERATOR lib.!! (rightarg = numeric, function = abs);
CREATE OPERATOR CLASS lib.text_ops FOR TYPE text USING btree AS
    OPERATOR 3 =, FUNCTION 1 bttextcmp(text, text);
CREATE CAST (integer AS status) WITH INOUT AS ASSIGNMENT;

CREATE SCHEMA remote;
CREATE FOREIGN DATA WRAPPER wrapper;
CREATE SERVER warehouse FOREIGN DATA WRAPPER wrapper;
CREATE FOREIGN TABLE remote.stock (item text) SERVER warehouse;
GRANT USAGE ON FOREIGN SERVER warehouse TO app;
GRANT USAGE ON FOREIGN DATA WRAPPER wrapper TO app;

CREATE TABLE tasks (id bigint PRIMARY KEY, owner bigint NOT NULL, title text);
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
ALTER TABLE tasks FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON tasks TO app
    USING (owner = nullif(current_setting('app.user_id', true), '')::bigint);
INSERT INTO tasks VALUES (1, 1, 'buy milk'), (2, 2, 'write tests');
GRANT SELECT, INSERT, UPDATE, DELETE ON tasks TO app;
GRANT SELECT ON customers TO app;
GRANT UPDATE (name) ON customers TO app;
GRANT USAGE ON SEQUENCE order_id_seq TO app;

CREATE SCHEMA test;
CREATE FUNCTION test.test_tax() RETURNS SETOF text LANGUAGE plpgsql AS
    $$ BEGIN RETURN NEXT is(tax(100), 19.00); END $$;
