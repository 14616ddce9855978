-- Operators and operator classes.

-- The type of that name, in any spelling; without quotes where it needs some, as in pgTAP. Where
-- there is none it is 1, which is no type: 0 stands for none.
CREATE FUNCTION tap._wanted_type(type name) RETURNS oid LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN coalesce(tap._type_id($1), tap._type_id(quote_ident($1)), 1);
END;
$fn$;

-- An operand that is NULL stands for none. Any result will do where it is '*'.
CREATE FUNCTION tap._operator_exists(
    schema name, name name, left_type name, right_type name, result name
) RETURNS boolean LANGUAGE plpgsql STABLE AS $fn$
DECLARE
    left_id oid := CASE WHEN $3 IS NULL THEN 0 ELSE tap._wanted_type($3) END;
    right_id oid := CASE WHEN $4 IS NULL THEN 0 ELSE tap._wanted_type($4) END;
    result_id oid := CASE WHEN $5 <> '*' THEN tap._wanted_type($5) END;
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
            AND o.oprleft = left_id
            AND o.oprright = right_id
            AND ($5 = '*' OR o.oprresult = result_id)
    );
END;
$fn$;

-- How descriptions show an operator.
CREATE FUNCTION tap._operator(name name, left_type name, right_type name) RETURNS text
LANGUAGE sql IMMUTABLE AS $fn$
SELECT $1::text || '(' || $2 || ',' || $3 || ')'
$fn$;

/*# {has}_{operator}({left} name name {right} [, description text])
describe: '{Called} ' || tap._operator(:name, {shown}) || ' {should} exist'
{has}_{operator}({left} name name {right}, result name = '*' [, description text])
describe: '{Called} ' || tap._operator(:name, {shown}) || ' RETURNS ' || :result
    || ' {should} exist'
{has}_{operator}({left} schema name, name name {right}, result name [, description text])
describe: '{Called} ' || quote_ident(:schema) || '.' || tap._operator(:name, {shown})
    || ' RETURNS ' || :result || ' {should} exist'
Tests that an operator ({kind}) {exists}.
for has | exists         | should     | not
    has   | exists         | should     |
    hasnt | does not exist | should not | NOT
for operator | kind    | Called         | left       | right        | shown          | types
    operator | infix   | Operator       | left name, | , right name | :left, :right  | :left, :right
    leftop   | prefix  | Left operator  |            | , right name | 'NONE', :right | NULL, :right
    rightop  | postfix | Right operator | left name, |              | :left, 'NONE'  | :left, NULL
*/
$$
SELECT tap.ok({not} tap._operator_exists(:schema, :name, {types}, :result), :description)
$$;

-- As pgTAP writes them. An operator that was named but not yet made has no result.
CREATE FUNCTION tap._operators(schema name) RETURNS text[] LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN ARRAY(
        SELECT
            tap._operator(
                o.oprname,
                CASE WHEN o.oprleft = 0 THEN 'NONE' ELSE o.oprleft::regtype::text END,
                CASE WHEN o.oprright = 0 THEN 'NONE' ELSE o.oprright::regtype::text END
            ) || ' RETURNS ' || o.oprresult::regtype
        FROM pg_catalog.pg_operator AS o
        INNER JOIN pg_catalog.pg_namespace AS n ON o.oprnamespace = n.oid
        WHERE CASE
            WHEN $1 IS NOT NULL THEN n.nspname = $1
            ELSE n.nspname NOT IN ('pg_catalog', 'information_schema')
                AND pg_catalog.pg_operator_is_visible(o.oid)
        END
    );
END;
$fn$;

-- As tap._are(), for texts that are no identifiers and so are listed without quotes. pgTAP cuts
-- them off where it would cut an identifier.
CREATE FUNCTION tap._texts_are(noun text, have text[], want text[], description text)
RETURNS text LANGUAGE plpgsql AS $fn$
DECLARE
    extra text[] := ARRAY(SELECT unnest(have) EXCEPT SELECT unnest(want));
    missing text[] := ARRAY(SELECT unnest(want) EXCEPT SELECT unnest(have));
BEGIN
    IF array_position(missing, NULL) IS NOT NULL THEN
        missing := '{}';
    END IF;
    RETURN tap._ok(
        extra = '{}' AND missing = '{}',
        description,
        concat_ws(
            E'\n',
            tap._listed_texts('Extra ' || noun, extra),
            tap._listed_texts('Missing ' || noun, missing)
        )
    );
END;
$fn$;

CREATE FUNCTION tap._listed_texts(title text, texts text[]) RETURNS text
LANGUAGE sql AS $fn$
SELECT '    ' || title || E':\n'
    || string_agg('        ' || t.item::name, E'\n' ORDER BY t.item::name)
FROM unnest(texts) AS t (item)
$fn$;

/*# operators_are(schema name, operators text[] [, description text])
describe: 'Schema ' || quote_ident(:schema) || ' should have the correct operators'
operators_are(operators text[] [, description text])
describe: 'There should be the correct operators'
Tests that a schema, or the search path, has exactly these operators.
*/
$$ SELECT tap._texts_are('operators', tap._operators(:schema), :operators, :description) $$;

CREATE FUNCTION tap._opclasses(schema name) RETURNS name[] LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN ARRAY(
        SELECT o.opcname
        FROM pg_catalog.pg_opclass AS o
        INNER JOIN pg_catalog.pg_namespace AS n ON o.opcnamespace = n.oid
        WHERE CASE
            WHEN $1 IS NOT NULL THEN n.nspname = $1
            ELSE n.nspname NOT IN ('pg_catalog', 'information_schema')
                AND pg_catalog.pg_opclass_is_visible(o.oid)
        END
    );
END;
$fn$;

/*# opclasses_are(schema name, opclasses name[] [, description text])
describe: 'Schema ' || quote_ident(:schema) || ' should have the correct operator classes'
opclasses_are(opclasses name[] [, description text])
describe: 'Search path ' || current_setting('search_path')
    || ' should have the correct operator classes'
Tests that a schema, or the search path, has exactly these operator classes.
*/
$$
SELECT tap._are('operator classes', tap._opclasses(:schema), :opclasses, :description)
$$;

CREATE FUNCTION tap._opclass_exists(schema name, opclass name) RETURNS boolean
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN EXISTS (
        SELECT
        FROM pg_catalog.pg_opclass AS o
        INNER JOIN pg_catalog.pg_namespace AS n ON o.opcnamespace = n.oid
        WHERE
            o.opcname = $2
            AND CASE
                WHEN $1 IS NOT NULL THEN n.nspname = $1
                ELSE pg_catalog.pg_opclass_is_visible(o.oid)
            END
    );
END;
$fn$;

/*# {has}_opclass([schema name,] opclass name [, description text])
Tests that an operator class {exists}.
describe: 'Operator class ' || tap._relation_name(:schema, :opclass) || ' {should} exist'
for has   | exists         | should     | not
    has   | exists         | should     |
    hasnt | does not exist | should not | NOT
*/
$$ SELECT tap.ok({not} tap._opclass_exists(:schema, :opclass), :description) $$;
