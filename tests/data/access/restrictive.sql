CREATE ROLE app;
CREATE TABLE orders (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant uuid NOT NULL,
    amount numeric NOT NULL CHECK (amount >= 0)
);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY anything ON orders TO app USING (true);
CREATE POLICY tenant ON orders AS RESTRICTIVE TO app
USING (tenant = nullif(current_setting('app.tenant', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO app;
