-- For each object how many rows say something of it, and sums that no later change leaves as they
-- are: a row that is written has the number of its transaction, which is larger than all before.
-- Index and array types stand beside their units (see units.sql): with them comes a row of the unit.
SELECT r.oid, count(*), sum(r.xmin::text::bigint)::bigint, sum(hashtid(r.ctid))::bigint
FROM (
    SELECT oid, xmin, ctid FROM pg_class WHERE oid >= 16384
    UNION ALL SELECT oid, xmin, ctid FROM pg_type WHERE oid >= 16384
    UNION ALL SELECT oid, xmin, ctid FROM pg_proc WHERE oid >= 16384 AND pronamespace <> ALL ($1::oid[])
    UNION ALL SELECT coalesce(nullif(conrelid, 0), contypid), xmin, ctid FROM pg_constraint
    UNION ALL SELECT adrelid, xmin, ctid FROM pg_attrdef
    UNION ALL SELECT tgrelid, xmin, ctid FROM pg_trigger
    UNION ALL SELECT ev_class, xmin, ctid FROM pg_rewrite WHERE oid >= 16384
    UNION ALL SELECT polrelid, xmin, ctid FROM pg_policy
    UNION ALL SELECT stxrelid, xmin, ctid FROM pg_statistic_ext
    UNION ALL SELECT prrelid, xmin, ctid FROM pg_publication_rel
    UNION ALL SELECT attrelid, xmin, ctid FROM pg_attribute WHERE attrelid >= 16384 AND attnum > 0
    UNION ALL SELECT indrelid, xmin, ctid FROM pg_index WHERE indexrelid >= 16384
    UNION ALL SELECT inhrelid, xmin, ctid FROM pg_inherits
    UNION ALL SELECT inhparent, xmin, ctid FROM pg_inherits
    UNION ALL SELECT seqrelid, xmin, ctid FROM pg_sequence
    UNION ALL SELECT partrelid, xmin, ctid FROM pg_partitioned_table
    UNION ALL SELECT ftrelid, xmin, ctid FROM pg_foreign_table
    UNION ALL SELECT enumtypid, xmin, ctid FROM pg_enum WHERE enumtypid >= 16384
    UNION ALL SELECT rngtypid, xmin, ctid FROM pg_range
    UNION ALL SELECT aggfnoid, xmin, ctid FROM pg_aggregate WHERE aggfnoid >= 16384
    -- Which sequence is a column's.
    UNION ALL
    SELECT objid, xmin, ctid
    FROM pg_depend
    WHERE
        classid = 'pg_class'::regclass
        AND objid >= 16384
        AND refclassid = 'pg_class'::regclass
        AND deptype IN ('a', 'i')
    UNION ALL SELECT objoid, xmin, ctid FROM pg_description WHERE objoid >= 16384
    UNION ALL SELECT objoid, xmin, ctid FROM pg_seclabel
) AS r
GROUP BY r.oid
-- What belongs to all: the server's own, the library, members of extensions, roles, the database.
UNION ALL
SELECT 0, count(*), 0, sum(hashtid(ctid))::bigint FROM pg_class WHERE oid < 16384
UNION ALL
SELECT 1, count(*), 0, sum(hashtid(ctid))::bigint FROM pg_type WHERE oid < 16384
UNION ALL
SELECT 2, count(*), 0, sum(hashtid(ctid))::bigint
FROM pg_proc
WHERE oid < 16384 OR pronamespace = ANY ($1::oid[])
UNION ALL
SELECT 3, count(*), sum(xmin::text::bigint)::bigint, sum(hashtid(ctid))::bigint FROM pg_depend WHERE deptype = 'e'
UNION ALL
-- Their names and rights are in what tables say.
SELECT 4, count(*), sum(hashtext(r::text))::bigint, 0 FROM pg_roles AS r
UNION ALL
SELECT 5, 1, xmin::text::bigint, 0 FROM pg_database WHERE datname = current_database()
