-- Tests of assertions.

/*# check_test(output text, passes boolean) -> setof text
check_test(output text, passes boolean, name text) -> setof text
check_test(output text, passes boolean, name text, description text) -> setof text
check_test(output text, passes boolean, name text, description text, diagnosis text) -> setof text
check_test(output text, passes boolean, name text, description text, diagnosis text,
    matching boolean) -> setof text
Tests that an assertion passes or fails, with its description and its diagnostics.
*/
$$
DECLARE
    passed boolean := left(:output, 2) = 'ok';
    printed text := substring(:output FROM 'ok \d+ - ([^\n]+)');
    test text := coalesce(:name, 'Test');
    number text := tap._take_back(passed);
    diagnosed text;
BEGIN
    RETURN NEXT tap.is(
        passed, :passes, test || CASE WHEN :passes THEN ' should pass' ELSE ' should fail' END
    );
    IF :description IS NOT NULL THEN
        RETURN NEXT tap.is(
            coalesce(tap._unescaped(printed), ''),
            :description,
            test || ' should have the proper description'
        );
    END IF;
    IF :diagnosis IS NOT NULL THEN
        test := test || ' should have the proper diagnostics';
        diagnosed := tap._diagnosed(
            :output, number, printed, :diagnosis = ''
        );
        RETURN NEXT CASE
            WHEN :matching THEN tap.matches(diagnosed, :diagnosis, test)
            ELSE tap.is(diagnosed, :diagnosis, test)
        END;
    END IF;
END;
$$;

-- A description without what _described() escapes in it.
CREATE FUNCTION tap._unescaped(text) RETURNS text LANGUAGE sql IMMUTABLE AS $fn$
SELECT regexp_replace($1, '(\\*)\1\\#', '\1#', 'g')
$fn$;

-- The test that is being tested does not count, and its number is the next test's.
CREATE FUNCTION tap._take_back(passed boolean) RETURNS text LANGUAGE plpgsql AS $fn$
BEGIN
    PERFORM tap._require_plan();
    IF NOT passed THEN
        PERFORM tap._count_failures(-1),
            setval('pg_temp.__tap_failed__', (SELECT last_value - 1 FROM pg_temp.__tap_failed__));
    END IF;
    RETURN setval('pg_temp.__tresults___numb_seq', n.last_value, false)
    FROM pg_temp.__tresults___numb_seq AS n;
END;
$fn$;

-- What follows the lines that ok() prints for a description. Those are measured rather than
-- read: where the assertion printed something else, the text is cut in the middle, as in
-- pgTAP. So is the space that it leaves where no diagnostics are expected.
CREATE FUNCTION tap._diagnosed(
    output text, number text, described text, nothing_wanted boolean
) RETURNS text LANGUAGE plpgsql AS $fn$
DECLARE
    printed text := CASE WHEN left(output, 2) = 'ok' THEN 'ok ' ELSE 'not ok ' END || number
        || coalesce(' - ' || described, '')
        || CASE WHEN left(output, 2) = 'ok' THEN '' ELSE E'\n' || tap._failed_test(
            number, tap._unescaped(described), ''
        ) END;
    start integer := length(printed) + length(E'\n# ') + 1 - nothing_wanted::integer;
BEGIN
    RETURN replace(substring(output FROM start), E'\n# ', E'\n');
END;
$fn$;
