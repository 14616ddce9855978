-- A warehouse: partitions by range, list and hash, domains, enums, composites, exclusion, an archive.
CREATE SCHEMA wh;
CREATE EXTENSION btree_gist;
SET search_path = wh, public;
CREATE TYPE unit AS ENUM ('piece', 'kg', 'litre', 'metre');
CREATE DOMAIN sku AS varchar(12) CHECK (VALUE ~ '^[A-Z]{2}-[0-9]{4,8}$');
CREATE DOMAIN quantity AS integer CHECK (VALUE >= 0);
CREATE DOMAIN weight AS numeric(9, 3) DEFAULT 0 CHECK (VALUE >= 0);
CREATE TYPE size AS (width integer, height integer, depth integer);
CREATE TABLE sites (code char(3) PRIMARY KEY CHECK (code = upper(code)), name text NOT NULL, position point);
CREATE TABLE bins (
    site char(3) NOT NULL REFERENCES sites ON UPDATE CASCADE, aisle smallint NOT NULL CHECK (aisle > 0), shelf smallint NOT NULL CHECK (shelf BETWEEN 0 AND 20),
    label text GENERATED ALWAYS AS (site || '-' || aisle::text || '-' || shelf::text) STORED, inner_size size, PRIMARY KEY (site, aisle, shelf)
);
CREATE TABLE items (
    sku sku PRIMARY KEY, name text NOT NULL, unit unit NOT NULL DEFAULT 'piece', weight weight NOT NULL, barcodes text[] NOT NULL DEFAULT '{}',
    replaced_by sku REFERENCES items, tags jsonb, CONSTRAINT items_barcodes CHECK (cardinality(barcodes) <= 5), CHECK (replaced_by <> sku)
);
CREATE INDEX ON items (replaced_by);
CREATE TABLE stock (
    sku sku NOT NULL REFERENCES items, site char(3) NOT NULL, aisle smallint NOT NULL, shelf smallint NOT NULL, on_hand quantity NOT NULL DEFAULT 0,
    reserved quantity NOT NULL DEFAULT 0, PRIMARY KEY (sku, site, aisle, shelf), FOREIGN KEY (site, aisle, shelf) REFERENCES bins ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT stock_reserved CHECK (reserved <= on_hand)
);
CREATE INDEX ON stock (site, aisle, shelf);
CREATE TABLE movements (
    id bigint GENERATED ALWAYS AS IDENTITY, moved_at timestamptz NOT NULL DEFAULT now(), sku sku NOT NULL REFERENCES items, quantity integer NOT NULL CHECK (quantity <> 0),
    reason text NOT NULL DEFAULT 'count' CHECK (reason IN ('count', 'sale', 'return')), PRIMARY KEY (id, moved_at)
) PARTITION BY RANGE (moved_at);
CREATE INDEX ON movements (sku);
CREATE TABLE movements_2024 PARTITION OF movements FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE movements_2025 PARTITION OF movements FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE movements_rest PARTITION OF movements DEFAULT;
CREATE TABLE orders (id integer NOT NULL, region text NOT NULL, placed date NOT NULL, total numeric(10, 2) NOT NULL CHECK (total >= 0), PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE orders_eu PARTITION OF orders FOR VALUES IN ('de', 'fr', 'it');
CREATE TABLE orders_us PARTITION OF orders FOR VALUES IN ('us') PARTITION BY HASH (id);
CREATE TABLE orders_us_0 PARTITION OF orders_us FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE orders_us_1 PARTITION OF orders_us FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE order_lines (
    order_id integer NOT NULL, region text NOT NULL, line integer NOT NULL CHECK (line > 0), sku sku NOT NULL REFERENCES items, quantity quantity NOT NULL,
    PRIMARY KEY (order_id, region, line), FOREIGN KEY (order_id, region) REFERENCES orders ON DELETE CASCADE
);
CREATE INDEX ON order_lines (sku);
CREATE TABLE docks (
    dock smallint NOT NULL, during tstzrange NOT NULL CHECK (NOT isempty(during)), carrier text NOT NULL,
    CONSTRAINT docks_free EXCLUDE USING gist (dock WITH =, during WITH &&)
);
CREATE TABLE archived (archived_at timestamptz NOT NULL DEFAULT clock_timestamp(), CONSTRAINT archived_abstract CHECK (false) NO INHERIT);
CREATE TABLE archived_orders (id integer PRIMARY KEY, body jsonb NOT NULL) INHERITS (archived);
CREATE TABLE audit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(), what text NOT NULL, before jsonb, after jsonb);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO wh.audit (what, before, after) VALUES (TG_OP || ' ' || TG_TABLE_NAME, to_jsonb(OLD), to_jsonb(NEW)); RETURN NULL; END $$;
CREATE TRIGGER items_note AFTER INSERT OR UPDATE OR DELETE ON items FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER stock_note AFTER UPDATE OF on_hand ON stock FOR EACH ROW WHEN (OLD.on_hand IS DISTINCT FROM NEW.on_hand) EXECUTE FUNCTION note();
CREATE VIEW available AS SELECT sku, site, aisle, shelf, on_hand - reserved AS free FROM stock WHERE on_hand > reserved;
