-- Only what ALTER DATABASE and GRANT change: the rest is the server's own book-keeping.
UPDATE pg_database AS t
SET
    datname = r.datname,
    datdba = r.datdba,
    datistemplate = r.datistemplate,
    datallowconn = r.datallowconn,
    datconnlimit = r.datconnlimit,
    datacl = r.datacl
FROM unnest(%s::text[]) AS content, jsonb_populate_record(NULL::pg_database, content::jsonb) AS r
WHERE t.oid = r.oid
