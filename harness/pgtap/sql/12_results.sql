-- Query results in order.
--
-- Rows are compared one by one as they come from two cursors: nothing is kept, and what
-- follows the first difference is never computed.

CREATE FUNCTION tap._cursor(query text) RETURNS refcursor LANGUAGE plpgsql AS $fn$
DECLARE
    opened refcursor;
BEGIN
    OPEN opened FOR EXECUTE tap._query(query);
    RETURN opened;
END;
$fn$;

CREATE FUNCTION tap._cursor(elements anyarray) RETURNS refcursor LANGUAGE plpgsql AS $fn$
DECLARE
    opened refcursor;
BEGIN
    OPEN opened FOR SELECT tap._elements(elements);
    RETURN opened;
END;
$fn$;

CREATE FUNCTION tap._cursor(refcursor) RETURNS refcursor LANGUAGE sql IMMUTABLE AS $fn$
SELECT $1
$fn$;

-- The elements of an array as rows. As in pgTAP, an array of arrays is one of NULLs.
CREATE FUNCTION tap._elements(anyarray) RETURNS SETOF anyelement
LANGUAGE sql IMMUTABLE AS $fn$
SELECT unnest($1) WHERE array_ndims($1) = 1
UNION ALL
SELECT $1[i] FROM generate_subscripts($1, 1) AS i WHERE array_ndims($1) > 1
$fn$;

/*# results_{verb}(have {have}, want {want} [, description text])
Tests that the rows of two queries are {what}, in the same order.
for verb | equal | what
    eq   | true  | the same
    ne   | false | not all the same
for have      | want      | close
    text      | text      | CLOSE have; CLOSE want;
    text      | anyarray  | CLOSE have; CLOSE want;
    text      | refcursor | CLOSE have;
    refcursor | text      | CLOSE want;
    refcursor | anyarray  | CLOSE want;
    refcursor | refcursor |
*/
$$
DECLARE
    have refcursor := tap._cursor(:have);
    want refcursor := tap._cursor(:want);
    result text := tap._compare_results(have, want, {equal}, :description);
BEGIN
    {close}
    RETURN result;
END;
$$;

-- The cursors have no names of their own, so that the server's messages call them what they
-- call those of pgTAP.
CREATE FUNCTION tap._compare_results(refcursor, refcursor, equal boolean, description text)
RETURNS text LANGUAGE plpgsql AS $fn$
DECLARE
    number integer := 0;
    have record;
    want record;
    have_found boolean := true;
    want_found boolean := true;
    differ boolean := false;
BEGIN
    WHILE (have_found OR want_found) AND NOT differ LOOP
        number := number + 1;
        FETCH $1 INTO have;
        have_found := found;
        FETCH $2 INTO want;
        want_found := found;
        differ := (have_found OR want_found)
            AND (have IS DISTINCT FROM want OR have_found <> want_found);
    END LOOP;
    IF NOT equal OR NOT differ THEN
        RETURN tap.ok(differ <> equal, description);
    END IF;
    RETURN tap._ok(
        false,
        description,
        '    Results differ beginning at row ' || number || ':'
        || tap._rows_apart(have_found, have::text, want_found, want::text)
    );
EXCEPTION WHEN datatype_mismatch THEN
    RETURN tap._ok(
        false,
        description,
        '    Number of columns or their types differ between the queries'
        || CASE
            WHEN have::text = want::text THEN ''
            ELSE ':' || tap._rows_apart(have_found, have::text, want_found, want::text)
        END
        || E'\n        ERROR: ' || SQLERRM
    );
END;
$fn$;

CREATE FUNCTION tap._rows_apart(have_found boolean, have text, want_found boolean, want text)
RETURNS text LANGUAGE sql IMMUTABLE AS $fn$
SELECT E'\n        have: ' || CASE WHEN have_found THEN have ELSE 'NULL' END
    || E'\n        want: ' || CASE WHEN want_found THEN want ELSE 'NULL' END
$fn$;

-- The rows of a query under a title, or NULL if there are none.
CREATE FUNCTION tap._records(title text, query text) RETURNS text LANGUAGE plpgsql AS $fn$
DECLARE
    one record;
    records text[] := '{}';
BEGIN
    FOR one IN EXECUTE query LOOP
        records := records || one::text;
    END LOOP;
    RETURN '    ' || title || E':\n        '
        || array_to_string(nullif(records, '{}'), E'\n        ');
END;
$fn$;

/*# is_empty(query text [, description text])
Tests that a query returns no rows.
*/
$$
DECLARE
    unexpected text := tap._records('Unexpected records', tap._query(:query));
BEGIN
    RETURN tap._ok(unexpected IS NULL, :description, unexpected);
END;
$$;

/*# isnt_empty(query text [, description text])
Tests that a query returns a row at least.
*/
$$
DECLARE
    one record;
BEGIN
    FOR one IN EXECUTE tap._query(:query) LOOP
        RETURN tap.ok(true, :description);
    END LOOP;
    RETURN tap.ok(false, :description);
END;
$$;

/*# row_eq(query text, want anyelement [, description text])
Tests that the first row of a query is this row.
*/
$$
DECLARE
    have record;
BEGIN
    EXECUTE tap._query(:query) INTO have;
    IF have IS NOT DISTINCT FROM :want THEN
        RETURN tap.ok(true, :description);
    END IF;
    RETURN tap._have_want(
        :description,
        CASE WHEN have IS NULL THEN 'NULL' ELSE have::text END,
        CASE WHEN :want IS NULL THEN 'NULL' ELSE :want::text END
    );
END;
$$;
