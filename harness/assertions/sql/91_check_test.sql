-- pgTAP's way to test an assertion: run it, take its result back, and test what it printed.

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
    printed text := coalesce(substring(:output FROM '^(?:not )?ok \d+ - ([^\n]*)'), '');
    test text := coalesce(:name, 'Test');
    diagnosed text;
BEGIN
    PERFORM tap._take_back(passed);
    RETURN NEXT tap.is(
        passed, :passes, test || CASE WHEN :passes THEN ' should pass' ELSE ' should fail' END
    );
    IF :description IS NOT NULL THEN
        RETURN NEXT tap.is(printed, :description, test || ' should have the proper description');
    END IF;
    IF :diagnosis IS NOT NULL THEN
        test := test || ' should have the proper diagnostics';
        diagnosed := tap._diagnosed(:output, printed, :diagnosis = '');
        RETURN NEXT CASE
            WHEN :matching THEN tap.matches(diagnosed, :diagnosis, test)
            ELSE tap.is(diagnosed, :diagnosis, test)
        END;
    END IF;
END;
$$;

-- The test that is being tested does not count, and its number is the next test's.
CREATE FUNCTION tap._take_back(passed boolean) RETURNS void LANGUAGE plpgsql AS $fn$
BEGIN
    PERFORM setval('pg_temp.__tap_number__', last_value, false) FROM pg_temp.__tap_number__;
    IF NOT passed THEN
        PERFORM tap._count_failures(-1);
    END IF;
END;
$fn$;

-- What follows the lines that ok() prints for a description. Those are measured rather than
-- read: where the assertion printed something else, the text is cut in the middle, as in
-- pgTAP. So is the space that it leaves where no diagnostics are expected.
CREATE FUNCTION tap._diagnosed(output text, description text, nothing_wanted boolean)
RETURNS text LANGUAGE plpgsql AS $fn$
DECLARE
    number text := coalesce(substring(output FROM '^(?:not )?ok (\d+)'), '');
    lines text := CASE
        WHEN left(output, 2) = 'ok'
            THEN 'ok ' || number || coalesce(' - ' || nullif(description, ''), '')
        ELSE tap._not_ok(number, nullif(description, ''), '')
    END;
    start integer := length(lines) + length(E'\n# ') + 1 - nothing_wanted::integer;
BEGIN
    RETURN replace(substring(output FROM start), E'\n# ', E'\n');
END;
$fn$;
