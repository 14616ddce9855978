-- Beyond pgTAP: sequences, and the columns that draw their values from them.

-- Options are compared one by one, so a test names those that matter to it and leaves the
-- rest out. They come as jsonb, not as parameters with defaults: then a schema can stand in
-- front as everywhere else, and a misspelt option fails by its name. Words may be written in
-- any case.
CREATE FUNCTION tap._options_are(have jsonb, want jsonb, description text) RETURNS text
LANGUAGE plpgsql AS $fn$
DECLARE
    differing text[] := ARRAY(
        SELECT option
        FROM jsonb_each_text(want) AS wanted (option, value)
        WHERE lower(have ->> option) IS DISTINCT FROM lower(value)
    );
BEGIN
    RETURN tap._ok(
        want IS NOT NULL AND differing = '{}',
        description,
        '        have: ' || tap._picked(have, differing)
            || E'\n        want: ' || coalesce(tap._picked(want, differing), 'NULL')
    );
END;
$fn$;

CREATE FUNCTION tap._picked(options jsonb, names text[]) RETURNS text
LANGUAGE sql IMMUTABLE AS $fn$
SELECT CASE
    WHEN options IS NOT NULL
        THEN coalesce(jsonb_object_agg(name, options -> name) FILTER (WHERE options ? name), '{}')
END::text
FROM unnest(names) AS name
$fn$;

CREATE FUNCTION tap._sequence_options(sequence oid) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'type', format_type(seqtypid, NULL),
            'start', seqstart,
            'increment', seqincrement,
            'min', seqmin,
            'max', seqmax,
            'cycle', seqcycle,
            'cache', seqcache
        )
        FROM pg_sequence
        WHERE seqrelid = sequence
    );
END;
$fn$;

/*# sequence_is([schema name,] sequence name, options jsonb [, description text])
Tests options of a sequence: type, start, increment, min, max, cycle and cache.
describe: 'Sequence ' || tap._relation_name(:schema, :sequence) || ' should have the right options'

SELECT sequence_is('order_id_seq', '{"type": "bigint", "increment": 1, "cycle": false}');
*/
$$
DECLARE
    have jsonb := tap._sequence_options(tap._relation(:schema, :sequence));
BEGIN
    IF have IS NULL THEN
        RETURN tap._ok(
            false,
            :description,
            '    Sequence ' || tap._dotted(:schema, :sequence) || ' does not exist'
        );
    END IF;
    RETURN tap._options_are(have, :options, :description);
END;
$$;

/*# col_is_identity([schema name,] table name, column name, generated text [, description text])
Tests that a column is an identity column: GENERATED ALWAYS or BY DEFAULT.
describe: 'Column ' || tap._relation_name(:schema, :table) || '.' || quote_ident(:column)
    || ' should be GENERATED ' || upper(:generated) || ' AS IDENTITY'

SELECT col_is_identity('orders', 'id', 'ALWAYS');
*/
$$
DECLARE
    found_column pg_attribute := tap._column(tap._relation(:schema, :table), :column);
BEGIN
    IF found_column.attnum IS NULL THEN
        RETURN tap._no_column(tap._dotted(:schema, :table), :column, :description);
    END IF;
    RETURN tap.is(
        CASE found_column.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END,
        upper(:generated),
        :description
    );
END;
$$;

-- The sequence behind a column: of its identity, which a partition has from its root, or the
-- one that its default refers to.
CREATE FUNCTION tap._column_sequence(found_column pg_attribute) RETURNS oid
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN (
        SELECT pg_class.oid
        FROM pg_attribute
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        JOIN pg_depend ON
            (classid, objid, refclassid) = ('pg_attrdef'::regclass, pg_attrdef.oid, 'pg_class'::regclass)
            OR (refclassid, refobjid, refobjsubid, classid, deptype)
                = ('pg_class'::regclass, attrelid, attnum, 'pg_class'::regclass, 'i')
        JOIN pg_class ON relkind = 'S' AND pg_class.oid IN (objid, refobjid)
        WHERE attrelid IN (found_column.attrelid, pg_partition_root(found_column.attrelid))
            AND attname = found_column.attname
        ORDER BY attrelid = found_column.attrelid DESC
        LIMIT 1
    );
END;
$fn$;
