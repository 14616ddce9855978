-- The rows of queries, in whatever order: as sets (repeats do not count) or as bags.
--
-- Both results are kept in temporary tables, so that each query runs once and set operators
-- compare them, which are not quadratic and accept whatever types can be compared.

CREATE FUNCTION tap._keep(place name, query text) RETURNS void LANGUAGE plpgsql AS $fn$
BEGIN
    EXECUTE format('CREATE TEMPORARY TABLE %I AS ', place) || tap._query(query);
END;
$fn$;

CREATE FUNCTION tap._keep(place name, elements anyarray) RETURNS void
LANGUAGE plpgsql AS $fn$
BEGIN
    EXECUTE format('CREATE TEMPORARY TABLE %I AS SELECT tap._elements($1)', place)
    USING elements;
END;
$fn$;

/*# {kind}_eq(have text, want {want} [, description text])
Tests that two queries return the same rows in any order{repeats}.
for kind | all | repeats
    set  |     | , however often
    bag  | ALL | , equally often
for want
    text
    anyarray
*/
$$
BEGIN
    PERFORM tap._keep('__tap_have__', :have), tap._keep('__tap_want__', :want);
    RETURN tap._compare_sets('EXCEPT {all}', 'EXCEPT {all}', true, :description);
END;
$$;

/*# {kind}_ne(have text, want {want} [, description text])
Tests that two queries do not return the same rows{repeats}.
for kind | all | repeats
    set  |     |
    bag  | ALL | , equally often
for want
    text
    anyarray
*/
$$
BEGIN
    PERFORM tap._keep('__tap_have__', :have), tap._keep('__tap_want__', :want);
    RETURN tap._compare_sets('EXCEPT {all}', 'EXCEPT {all}', false, :description);
END;
$$;

/*# {kind}_has(have text, want text [, description text])
Tests that a query returns all rows of another one{repeats}.
for kind | all | repeats
    set  |     |
    bag  | ALL | , as often at least
*/
$$
BEGIN
    PERFORM tap._keep('__tap_have__', :have), tap._keep('__tap_want__', :want);
    RETURN tap._compare_sets(NULL, 'EXCEPT {all}', true, :description);
END;
$$;

/*# {kind}_hasnt(have text, want text [, description text])
Tests that a query returns no row of another one.
for kind | all
    set  |
    bag  | ALL
*/
$$
BEGIN
    PERFORM tap._keep('__tap_have__', :have), tap._keep('__tap_want__', :want);
    RETURN tap._compare_sets('INTERSECT {all}', NULL, true, :description);
END;
$$;

-- Extra is what "have OPERATOR want" gives, missing what "want OPERATOR have" does; with
-- NULL for an operator it is not looked for.
CREATE FUNCTION tap._compare_sets(
    extra_operator text, missing_operator text, equal boolean, description text
) RETURNS text LANGUAGE plpgsql AS $fn$
DECLARE
    result text;
BEGIN
    result := tap._compared_sets(
        tap._operation('Extra records', '__tap_have__', extra_operator, '__tap_want__'),
        tap._operation('Missing records', '__tap_want__', missing_operator, '__tap_have__'),
        equal, description
    );
    DROP TABLE pg_temp.__tap_have__, pg_temp.__tap_want__;
    RETURN result;
EXCEPTION WHEN syntax_error OR datatype_mismatch THEN
    result := tap._ok(
        false,
        description,
        E'    Columns differ between queries:\n'
        '        have: ' || tap._types('pg_temp.__tap_have__') || E'\n'
        '        want: ' || tap._types('pg_temp.__tap_want__')
    );
    DROP TABLE pg_temp.__tap_have__, pg_temp.__tap_want__;
    RETURN result;
END;
$fn$;

CREATE FUNCTION tap._operation(title text, one name, operator text, other name) RETURNS text
LANGUAGE sql STRICT AS $fn$
SELECT tap._records(title, format('TABLE pg_temp.%I %s TABLE pg_temp.%I', one, operator, other))
$fn$;

CREATE FUNCTION tap._compared_sets(
    extra text, missing text, equal boolean, description text
) RETURNS text LANGUAGE sql AS $fn$
SELECT CASE
    WHEN equal THEN tap._ok(
        extra IS NULL AND missing IS NULL, description, concat_ws(E'\n', extra, missing)
    )
    ELSE tap.ok(extra IS NOT NULL OR missing IS NOT NULL, description)
END
$fn$;

CREATE FUNCTION tap._types(kept text) RETURNS text LANGUAGE sql STABLE AS $fn$
SELECT '(' || coalesce(string_agg(format_type(atttypid, atttypmod), ',' ORDER BY attnum), '') || ')'
FROM pg_attribute
WHERE attrelid = to_regclass(kept) AND attnum > 0
$fn$;
