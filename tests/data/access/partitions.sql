CREATE ROLE app;
CREATE TABLE events (
    tenant integer NOT NULL,
    kind text NOT NULL,
    body text NOT NULL DEFAULT ''
) PARTITION BY LIST (kind);
CREATE TABLE events_click PARTITION OF events FOR VALUES IN ('click');
CREATE TABLE events_other PARTITION OF events DEFAULT;
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON events TO app
USING (tenant = nullif(current_setting('app.tenant', true), '')::integer);
GRANT SELECT, INSERT ON events TO app;
GRANT SELECT ON events_other TO app;
