-- Run time of statements.

-- As in pgTAP this is the field of an interval, so a run that takes minutes counts only the
-- seconds of its last one.
CREATE FUNCTION tap._milliseconds(query text) RETURNS numeric LANGUAGE plpgsql AS $fn$
DECLARE
    statement text := tap._query(query);
    started timestamptz := clock_timestamp();
BEGIN
    EXECUTE statement;
    RETURN extract(milliseconds FROM clock_timestamp() - started);
END;
$fn$;

/*# performs_ok(query text, milliseconds numeric [, description text])
Tests that a statement runs in less than so many milliseconds.
describe: 'Should run in less than ' || :milliseconds || ' ms'
*/
$$
DECLARE
    taken numeric := tap._milliseconds(:query);
BEGIN
    RETURN tap._ok(
        taken < :milliseconds,
        :description,
        '      runtime: ' || taken || E' ms\n      exceeds: ' || :milliseconds || ' ms'
    );
END;
$$;

-- The fastest and the slowest tenth of the runs do not count.
CREATE FUNCTION tap._average_milliseconds(query text, iterations integer) RETURNS numeric
LANGUAGE plpgsql AS $fn$
DECLARE
    runs numeric[] := '{}';
BEGIN
    FOR i IN 1..iterations LOOP
        runs := runs || tap._milliseconds(query);
    END LOOP;
    RETURN (
        SELECT avg(middle.taken)
        FROM (
            SELECT taken FROM unnest(runs) AS taken
            ORDER BY taken
            OFFSET round(cardinality(runs) * 0.1) LIMIT round(cardinality(runs) * 0.8)
        ) AS middle
    );
END;
$fn$;

/*# performs_within(query text, milliseconds numeric, within numeric
    [, iterations integer = 10] [, description text])
Tests that a statement takes so many milliseconds on average, give or take some.
describe: 'Should run within ' || :milliseconds || ' +/- ' || :within || ' ms'
*/
$$
DECLARE
    average numeric := tap._average_milliseconds(:query, :iterations);
BEGIN
    RETURN tap._ok(
        abs(average - :milliseconds) < :within,
        :description,
        ' average runtime: ' || average || E' ms\n'
        ' desired average: ' || :milliseconds || ' +/- ' || :within || ' ms'
    );
END;
$$;
