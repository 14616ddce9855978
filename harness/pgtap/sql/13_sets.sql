-- Query results as sets and bags.
--
-- Both results are kept in temporary tables, so that each query runs once and set operators
-- compare them: they are quick on large results and take any types that can be compared.

/*# {kind}_{verb}(have text, want {want} [, description text])
Tests that two queries {return} the same rows in whatever order{repeats}.
for verb | equal | return
    eq   | true  | return
    ne   | false | do not return
for kind | all | repeats
    set  |     |
    bag  | ALL | , each as often
for want
    text
    anyarray
*/
$$
SELECT tap._compare_sets(
    tap._keep(:have), tap._keep(:want),
    'EXCEPT {all}', 'EXCEPT {all}', 'Missing records', {equal}, :description
)
$$;

/*# {kind}_{verb}(have text, want text [, description text])
Tests that a query returns {which} of the rows of another one{repeats}.
for verb  | operator  | title           | which
    has   | EXCEPT    | Missing records | all
    hasnt | INTERSECT | Extra records   | none
for kind | all | repeats
    set  |     |
    bag  | ALL | , counting repeats
*/
$$
SELECT tap._compare_sets(
    tap._keep(:have), tap._keep(:want),
    NULL, '{operator} {all}', '{title}', true, :description
)
$$;

CREATE FUNCTION tap._keep(query text) RETURNS regclass LANGUAGE plpgsql AS $fn$
DECLARE
    kept name := tap._new_name();
BEGIN
    BEGIN
        EXECUTE format('CREATE TEMPORARY TABLE %I AS ', kept) || tap._query(query);
    EXCEPTION WHEN duplicate_column THEN
        EXECUTE format('CREATE TEMPORARY TABLE %I (%s) AS ', kept, tap._names_for(query))
            || tap._query(query);
    END;
    RETURN format('pg_temp.%I', kept);
END;
$fn$;

-- Names for the columns of a query of which several have the same one, as SELECT 1, 2 has. They
-- are as many as it takes for the rest to differ; the query is not run for it.
CREATE FUNCTION tap._names_for(query text) RETURNS text LANGUAGE plpgsql AS $fn$
DECLARE
    names text := '"1"';
    probe name := tap._new_name();
BEGIN
    FOR number IN 2..1600 LOOP
        BEGIN
            EXECUTE format('CREATE TEMPORARY TABLE %I (%s) AS ', probe, names)
                || regexp_replace(tap._query(query), ';\s*$', '') || E'\nWITH NO DATA';
            EXECUTE format('DROP TABLE pg_temp.%I', probe);
            EXIT;
        EXCEPTION WHEN duplicate_column THEN
            names := names || format(', "%s"', number);
        END;
    END LOOP;
    RETURN names;
END;
$fn$;

CREATE FUNCTION tap._keep(elements anyarray) RETURNS regclass LANGUAGE plpgsql AS $fn$
DECLARE
    kept name := tap._new_name();
BEGIN
    EXECUTE format('CREATE TEMPORARY TABLE %I AS SELECT tap._elements($1)', kept)
    USING elements;
    RETURN format('pg_temp.%I', kept);
END;
$fn$;

-- Never the same name twice: in a long transaction, the catalogs find a name more slowly
-- with each table that had it.
CREATE FUNCTION tap._new_name() RETURNS name LANGUAGE sql AS $fn$
SELECT 'tap ' || gen_random_uuid()
$fn$;

-- Looks for rows of "have OPERATOR want", unless the operator is NULL, and then for rows of
-- "want OPERATOR have" under a title of its own. If there are none, the sets are equal.
CREATE FUNCTION tap._compare_sets(
    have regclass, want regclass,
    extra_operator text, operator text, title text, equal boolean, description text
) RETURNS text LANGUAGE plpgsql AS $fn$
DECLARE
    differences text;
BEGIN
    BEGIN
        differences := concat_ws(
            E'\n',
            tap._operation('Extra records', have, extra_operator, want),
            tap._operation(title, want, operator, have)
        );
    EXCEPTION WHEN syntax_error OR datatype_mismatch THEN
        equal := NULL;
        differences := E'    Columns differ between queries:\n'
            '        have: ' || tap._column_types(have) || E'\n'
            '        want: ' || tap._column_types(want);
    END;
    EXECUTE format('DROP TABLE %s, %s', have, want);
    IF NOT equal THEN
        RETURN tap.ok(differences <> '', description);
    END IF;
    RETURN tap._ok(differences = '', description, differences);
END;
$fn$;

CREATE FUNCTION tap._operation(title text, one regclass, operator text, other regclass)
RETURNS text LANGUAGE sql STRICT AS $fn$
SELECT tap._records(title, format('TABLE %s %s TABLE %s', one, operator, other))
$fn$;

CREATE FUNCTION tap._column_types(regclass) RETURNS text LANGUAGE sql STABLE AS $fn$
SELECT '(' || coalesce(string_agg(format_type(atttypid, atttypmod), ',' ORDER BY attnum), '') || ')'
FROM pg_attribute
WHERE attrelid = $1 AND attnum > 0
$fn$;
