-- Statements that should fail or succeed.

-- Wherever an assertion takes a query, it takes the name of a prepared statement too: a text
-- without white space (so its arguments, if any, are written without) or one that starts
-- with a quoted name. VALUES(1) is a query all the same, unless that is what a statement is
-- called: the other words are no names.
CREATE FUNCTION tap._query(text) RETURNS text LANGUAGE sql STABLE AS $fn$
SELECT CASE
    WHEN $1 ~ '[[:space:]]' AND $1 NOT LIKE '"%' THEN $1
    WHEN $1 ~* '^(\(|/\*|(select|table|values|with)[(*/''"+@~!.-])' AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_prepared_statements WHERE name = lower(substring($1, '^\w+'))
    ) THEN $1
    ELSE 'EXECUTE ' || $1
END
$fn$;

-- Runs a statement. What it did stays if it succeeded (all three are NULL then), and is
-- undone if it failed. OTHERS does not include a failed ASSERT.
CREATE FUNCTION tap._error(query text, OUT code text, OUT message text, OUT detail text)
LANGUAGE plpgsql AS $fn$
BEGIN
    EXECUTE tap._query(query);
EXCEPTION WHEN OTHERS OR assert_failure THEN
    GET STACKED DIAGNOSTICS
        code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
END;
$fn$;

-- The test that this error is the wanted one. What is not wanted in particular is NULL.
CREATE FUNCTION tap._threw(
    code text, message text, wanted_code text, wanted_message text, description text
) RETURNS text LANGUAGE sql AS $fn$
SELECT tap._ok(
    code IS NOT NULL
    AND code = coalesce(wanted_code, code)
    AND message = coalesce(wanted_message, message),
    description,
    '      caught: ' || coalesce(code || ': ' || message, 'no exception') || E'\n'
    '      wanted: ' || coalesce(wanted_code, 'an exception')
    || CASE WHEN code IS NULL THEN '' ELSE coalesce(': ' || wanted_message, '') END
)
$fn$;

CREATE FUNCTION tap._wanted_error(code text, message text) RETURNS text
LANGUAGE sql IMMUTABLE AS $fn$
SELECT coalesce(code || ': ' || message, code, message, 'an exception')
$fn$;

/*# throws_ok(query text, errcode character, errmsg text, description text)
Tests that a statement fails, with this SQLSTATE and this message.
*/
$$
DECLARE
    error record := tap._error(:query);
BEGIN
    RETURN tap._threw(
        error.code, error.message, :errcode::text, :errmsg,
        coalesce(:description, 'threw ' || tap._wanted_error(:errcode::text, :errmsg))
    );
END;
$$;

/*# throws_ok(query text, errcode integer [, errmsg text] [, description text])
Tests that a statement fails, with this SQLSTATE and this message.
*/
$$ SELECT tap.throws_ok(:query, :errcode::character(5), :errmsg, :description) $$;

-- A text of five bytes is an error code, and what follows it the message.
/*# throws_ok(query text)
throws_ok(query text, errmsg text [, description text])
Tests that a statement fails, with this SQLSTATE or this message.
*/
$$
SELECT CASE
    WHEN octet_length(:errmsg) = 5
        THEN tap.throws_ok(:query, :errmsg::character(5), :description, NULL)
    ELSE tap.throws_ok(:query, NULL::character, :errmsg, :description)
END
$$;

/*# throws_{how}(query text, pattern text [, description text])
Tests that a statement fails with a message that matches {pattern}.
describe: 'Should throw exception {should} ' || quote_literal(:pattern)
for how       | operator | should   | pattern
    like      | ~~       | like     | a LIKE pattern
    ilike     | ~~*      | like     | a LIKE pattern, in whatever case
    matching  | ~        | matching | a regular expression
    imatching | ~*       | matching | a regular expression, in whatever case
*/
$$
DECLARE
    message text := (tap._error(:query)).message;
BEGIN
    IF message IS NULL THEN
        RETURN tap._ok(false, :description, '    no exception thrown');
    END IF;
    RETURN tap._ok(
        message {operator} :pattern,
        :description,
        '   error message: ' || quote_literal(message) || E'\n'
        '   doesn''t match: ' || quote_nullable(:pattern)
    );
END;
$$;

-- A failure prints the context of the error, and so the line of this function that ran the
-- statement. In pgTAP that is line 14: EXECUTE has to stay there.
/*# lives_ok(query text, description text)
Tests that a statement does not fail.
*/
$$
DECLARE
    died text;
    detail text;
    hint text;
    schema_name text;
    table_name text;
    column_name text;
    constraint_name text;
    type_name text;
    context text;
BEGIN
    -- The next line is line 14, counted from the one with the opening quote.
    EXECUTE tap._query(:query);
    RETURN tap.ok(true, :description);
EXCEPTION WHEN OTHERS OR assert_failure THEN
    GET STACKED DIAGNOSTICS
        died = MESSAGE_TEXT,
        detail = PG_EXCEPTION_DETAIL,
        hint = PG_EXCEPTION_HINT,
        schema_name = SCHEMA_NAME,
        table_name = TABLE_NAME,
        column_name = COLUMN_NAME,
        constraint_name = CONSTRAINT_NAME,
        type_name = PG_DATATYPE_NAME,
        context = PG_EXCEPTION_CONTEXT;
    RETURN tap._ok(false, :description, concat(
        '    died: ', SQLSTATE, ': ', died,
        E'\n        DETAIL:     ' || nullif(detail, ''),
        E'\n        HINT:       ' || nullif(hint, ''),
        E'\n        SCHEMA:     ' || nullif(schema_name, ''),
        E'\n        TABLE:      ' || nullif(table_name, ''),
        E'\n        COLUMN:     ' || nullif(column_name, ''),
        E'\n        CONSTRAINT: ' || nullif(constraint_name, ''),
        E'\n        TYPE:       ' || nullif(type_name, ''),
        E'\n        CONTEXT:'
        || E'\n            ' || replace(nullif(context, ''), E'\n', E'\n            ')
    ));
END;
$$;

/*# lives_ok(query text)
Tests that a statement does not fail.
*/
$$ SELECT tap.lives_ok(:query, NULL) $$;
