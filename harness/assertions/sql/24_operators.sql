-- Operators and operator classes: that they exist, and that no others do.

-- Whether a type is what was asked for, in pgTAP's terms: by the name that format_type() shows.
CREATE FUNCTION tap._is_type(type_id oid, want text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
    have text := pg_catalog.format_type(type_id, NULL);
BEGIN
    RETURN have = tap._quoted_alike(have, want);
END;
$fn$;

-- An operand that is NULL stands for none. Any result will do where it is '*'.
CREATE FUNCTION tap._has_operator(
    schema name, name name, left_type name, right_type name, result name
) RETURNS boolean LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN EXISTS (
        SELECT
        FROM pg_catalog.pg_operator AS o
        INNER JOIN pg_catalog.pg_namespace AS n ON o.oprnamespace = n.oid
        WHERE
            o.oprname = $2
            AND CASE
                WHEN $1 IS NOT NULL THEN n.nspname = $1
                ELSE pg_catalog.pg_operator_is_visible(o.oid)
            END
            AND CASE WHEN $3 IS NULL THEN o.oprleft = 0 ELSE tap._is_type(o.oprleft, $3) END
            AND CASE WHEN $4 IS NULL THEN o.oprright = 0 ELSE tap._is_type(o.oprright, $4) END
            AND ($5 = '*' OR tap._is_type(o.oprresult, $5))
    );
END;
$fn$;

/*# {has}_{operator}({left} name name {right} [, description text])
describe: '{Called} ' || :name || '(' || {operands} || ') {should} exist'
{has}_{operator}({left} name name {right}, result name = '*' [, description text])
describe: '{Called} ' || :name || '(' || {operands} || ') RETURNS ' || :result
    || ' {should} exist'
{has}_{operator}({left} schema name, name name {right}, result name [, description text])
describe: '{Called} ' || quote_ident(:schema) || '.' || :name || '(' || {operands} || ') RETURNS '
    || :result || ' {should} exist'
Tests that {a} operator {exists}.
for has | exists         | should     | not
    has   | exists         | should     |
    hasnt | does not exist | should not | NOT
for operator | a                | Called         | left             | right             | operands                          | types
    operator | an infix         | Operator       | left_type name,  | , right_type name | :left_type || ',' || :right_type  | :left_type, :right_type
    leftop   | a prefix         | Left operator  |                  | , right_type name | 'NONE,' || :right_type            | NULL, :right_type
    rightop  | a postfix        | Right operator | left_type name,  |                   | :left_type || ',NONE'             | :left_type, NULL
*/
$$ SELECT tap.ok({not} tap._has_operator(:schema, :name, {types}, :result), :description) $$;
