UPDATE pg_authid AS t
SET
    rolname = r.rolname,
    rolsuper = r.rolsuper,
    rolinherit = r.rolinherit,
    rolcreaterole = r.rolcreaterole,
    rolcreatedb = r.rolcreatedb,
    rolcanlogin = r.rolcanlogin,
    rolreplication = r.rolreplication,
    rolbypassrls = r.rolbypassrls,
    rolconnlimit = r.rolconnlimit,
    rolpassword = r.rolpassword,
    rolvaliduntil = r.rolvaliduntil
FROM unnest(%s::text[]) AS content, jsonb_populate_record(NULL::pg_authid, content::jsonb) AS r
WHERE t.oid = r.oid
