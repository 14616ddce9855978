-- From PostgreSQL 18: the NOT NULL constraints that say more than their columns do: a name, NOT VALID, NO INHERIT.
SELECT
    'pg_constraint'::regclass AS classid,
    c.oid AS objid,
    0 AS objsubid,
    format('%I ON %s', c.conname, r.name) AS identity,
    pg_get_constraintdef(c.oid) AS definition
FROM pg_constraint AS c
JOIN relations AS r ON r.oid = c.conrelid
JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE
    c.contype = 'n'
    AND c.conislocal
    AND (c.conname <> concat(r.relname, '_', a.attname, '_not_null') OR c.connoinherit OR NOT c.convalidated)
