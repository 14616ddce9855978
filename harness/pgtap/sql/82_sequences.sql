-- Sequences and identity columns (not in pgTAP).

-- Options are compared one by one, so a test names those that matter to it and leaves the
-- rest out. They come as jsonb, not as parameters with defaults, so that a schema can stand in
-- front as everywhere else; a misspelt option fails, as nothing has it. Words may be written
-- in any case.
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

-- As with has_column(), a schema needs a description: else a call with three literals could be
-- read in two ways, and PostgreSQL would refuse it.
/*# sequence_is(schema name, sequence name, options jsonb, description text)
sequence_is(sequence name, options jsonb [, description text])
Tests options of a sequence: type, start, increment, min, max, cycle and cache.
describe: 'Sequence ' || quote_ident(:sequence) || ' should have the right options'

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

-- The sequence behind a column: that of its identity, or the one that its default refers to. A
-- partition's identity is that of the table at the root.
CREATE FUNCTION tap._column_sequence(found_column pg_attribute) RETURNS oid
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
    root oid := pg_partition_root(found_column.attrelid);
    sequence oid := coalesce(
        (
            SELECT objid
            FROM pg_depend
            JOIN pg_class ON pg_class.oid = objid AND relkind = 'S'
            WHERE classid = 'pg_class'::regclass
                AND refclassid = 'pg_class'::regclass
                AND refobjid = found_column.attrelid
                AND refobjsubid = found_column.attnum
                AND deptype = 'i'
        ),
        (
            SELECT min(refobjid)
            FROM pg_attrdef
            JOIN pg_depend ON classid = 'pg_attrdef'::regclass AND objid = pg_attrdef.oid
            JOIN pg_class ON pg_class.oid = refobjid AND relkind = 'S'
            WHERE adrelid = found_column.attrelid
                AND adnum = found_column.attnum
                AND refclassid = 'pg_class'::regclass
        )
    );
BEGIN
    IF sequence IS NULL AND root <> found_column.attrelid AND found_column.attidentity <> '' THEN
        RETURN tap._column_sequence(tap._column(root, found_column.attname));
    END IF;
    RETURN sequence;
END;
$fn$;

/*# col_uses_sequence([schema name,] table name, column name, sequence name [, description text])
Tests that the identity or the default of a column draws from this sequence.
describe: 'Column ' || tap._relation_name(:schema, :table) || '.' || quote_ident(:column)
    || ' should use sequence ' || quote_ident(:sequence)

SELECT col_uses_sequence('orders', 'id', 'order_id_seq');
*/
$$
DECLARE
    found_column pg_attribute := tap._column(tap._relation(:schema, :table), :column);
BEGIN
    IF found_column.attnum IS NULL THEN
        RETURN tap._no_column(tap._dotted(:schema, :table), :column, :description);
    END IF;
    RETURN tap.is(
        (SELECT relname FROM pg_class WHERE oid = tap._column_sequence(found_column)),
        :sequence,
        :description
    );
END;
$$;

-- What nextval() would give, as numeric: it may be too large for any sequence. Values that a
-- session has cached (CACHE) are not counted.
CREATE FUNCTION tap._next_value(sequence oid) RETURNS numeric LANGUAGE plpgsql AS $fn$
DECLARE
    settings pg_sequence;
    next_value numeric;
BEGIN
    SELECT * INTO settings FROM pg_sequence WHERE seqrelid = sequence;
    EXECUTE format(
        'SELECT last_value::numeric + CASE WHEN is_called THEN %s ELSE 0 END FROM %s',
        settings.seqincrement, sequence::regclass
    ) INTO next_value;
    RETURN CASE
        WHEN settings.seqcycle AND next_value > settings.seqmax THEN settings.seqmin
        WHEN settings.seqcycle AND next_value < settings.seqmin THEN settings.seqmax
        ELSE next_value
    END;
END;
$fn$;

-- The value that the next one has to be beyond, for either direction of a sequence.
CREATE FUNCTION tap._outermost_value(found_column pg_attribute, ascending boolean)
RETURNS numeric LANGUAGE plpgsql AS $fn$
DECLARE
    outermost numeric;
BEGIN
    EXECUTE format(
        'SELECT %s(%I)::numeric FROM %s',
        CASE WHEN ascending THEN 'max' ELSE 'min' END,
        found_column.attname,
        found_column.attrelid::regclass
    ) INTO outermost;
    RETURN outermost;
END;
$fn$;

/*# sequence_not_behind([schema name,] table name, column name [, description text])
Tests that the next value of a column's sequence is beyond all values of the column.
describe: 'The sequence of column ' || tap._relation_name(:schema, :table) || '.'
    || quote_ident(:column) || ' should not be behind'

A load with explicit values leaves the sequence where it was, and a later insert fails::

    SELECT sequence_not_behind('orders', 'id');

It reads the table and the sequence with the rights of the caller.
*/
$$
DECLARE
    found_column pg_attribute := tap._column(tap._relation(:schema, :table), :column);
    sequence oid := tap._column_sequence(found_column);
    ascending boolean := (SELECT seqincrement > 0 FROM pg_sequence WHERE seqrelid = sequence);
    next_value numeric;
    outermost numeric;
BEGIN
    IF found_column.attnum IS NULL THEN
        RETURN tap._no_column(tap._dotted(:schema, :table), :column, :description);
    ELSIF sequence IS NULL THEN
        RETURN tap._ok(
            false,
            :description,
            '    Column ' || tap._dotted(:schema, :table) || '.' || quote_ident(:column)
                || ' uses no sequence'
        );
    END IF;
    next_value := tap._next_value(sequence);
    outermost := tap._outermost_value(found_column, ascending);
    RETURN tap._ok(
        outermost IS NULL OR next_value <> outermost AND (next_value > outermost) = ascending,
        :description,
        '        have: ' || next_value || E'\n        want: '
            || CASE WHEN ascending THEN 'more than ' ELSE 'less than ' END || outermost
    );
END;
$$;
