-- Enum, composite, range and base types; the columns of a composite type are columns.
SELECT
    'pg_type'::regclass AS classid,
    t.oid AS objid,
    0 AS objsubid,
    format('%s.%I', s.name, t.typname) AS identity,
    CASE
        WHEN NOT t.typisdefined THEN 'shell'
        WHEN t.typtype = 'e' THEN (
            SELECT format('ENUM (%s)', string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder))
            FROM pg_enum AS e
            WHERE e.enumtypid = t.oid
        )
        WHEN t.typtype = 'r' THEN (
            SELECT concat_ws(
                ', ',
                'RANGE OF ' || format_type(r.rngsubtype, NULL),
                'OPCLASS ' || (SELECT o.opcname FROM pg_opclass AS o WHERE o.oid = r.rngsubopc),
                'COLLATE ' || nullif(r.rngcollation, 0)::regcollation,
                'CANONICAL ' || nullif(r.rngcanonical, 0)::regproc,
                'SUBTYPE_DIFF ' || nullif(r.rngsubdiff, 0)::regproc,
                'MULTIRANGE ' || format_type(r.rngmultitypid, NULL)
            )
            FROM pg_range AS r
            WHERE r.rngtypid = t.oid
        )
        WHEN t.typtype = 'c' THEN 'COMPOSITE'
        ELSE concat_ws(
            ', ',
            format('BASE INPUT %s, OUTPUT %s', t.typinput, t.typoutput),
            'RECEIVE ' || nullif(t.typreceive, 0)::regproc,
            'SEND ' || nullif(t.typsend, 0)::regproc,
            'TYPMOD_IN ' || nullif(t.typmodin, 0)::regproc,
            'TYPMOD_OUT ' || nullif(t.typmodout, 0)::regproc,
            'ANALYZE ' || nullif(t.typanalyze, 0)::regproc,
            'SUBSCRIPT ' || nullif(t.typsubscript, 0)::regproc,
            'LENGTH ' || t.typlen,
            CASE WHEN t.typbyval THEN 'PASSED BY VALUE' END,
            'ALIGNMENT ' || t.typalign::text,
            'STORAGE ' || t.typstorage::text,
            'CATEGORY ' || t.typcategory::text,
            CASE WHEN t.typispreferred THEN 'PREFERRED' END,
            'ELEMENT ' || format_type(nullif(t.typelem, 0), NULL),
            'DEFAULT ' || quote_literal(t.typdefault),
            'DELIMITER ' || quote_literal(t.typdelim::text),
            'COLLATION ' || nullif(t.typcollation, 0)::regcollation
        )
    END AS definition
FROM pg_type AS t
JOIN schemas AS s ON s.oid = t.typnamespace
LEFT JOIN pg_class AS c ON c.oid = t.typrelid
WHERE
    t.typtype IN ('b', 'c', 'e', 'p', 'r')
    AND (c.oid IS NULL OR c.relkind = 'c')
    AND NOT EXISTS (SELECT 1 FROM pg_type AS e WHERE e.typarray = t.oid)
    AND t.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_type'::regclass)
    AND ($4::oid[] IS NULL OR coalesce(c.oid, t.oid) IN (SELECT unit FROM wanted))
