UPDATE pg_tablespace AS t
SET
    spcname = r.spcname,
    spcowner = r.spcowner,
    spcacl = r.spcacl,
    spcoptions = r.spcoptions
FROM unnest(%s::text[]) AS content, jsonb_populate_record(NULL::pg_tablespace, content::jsonb) AS r
WHERE t.oid = r.oid
