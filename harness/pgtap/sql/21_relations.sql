-- Tables, views, sequences and other relations.

/*# {has}_{object}([schema name,] {object} name, description text)
{has}_{object}({object} name)
Tests that a {called} {exists}.
describe: '{Called} ' || quote_ident(:{object}) || ' {should} exist'
for has | exists         | should     | is
    has   | exists         | should     | IS NOT NULL
    hasnt | does not exist | should not | IS NULL
for object          | called            | Called            | kinds
    relation          | relation          | Relation          | r,p,v,m,S,f,c,i,I,t
    materialized_view | materialized view | Materialized view | m
*/
$$ SELECT tap.ok(tap._relation(:schema, :{object}, '{{kinds}}') {is}, :description) $$;

/*# {has}_{object}([schema name,] {object} name [, description text])
Tests that a {called} {exists}.
describe: '{Called} ' || tap._relation_name(:schema, :{object}) || ' {should} exist'
for has | exists         | should     | is
    has   | exists         | should     | IS NOT NULL
    hasnt | does not exist | should not | IS NULL
for object      | called         | Called         | kinds
    table         | table          | Table          | r,p
    view          | view           | View           | v
    foreign_table | foreign table  | Foreign table  | f
    composite     | composite type | Composite type | c
*/
$$ SELECT tap.ok(tap._relation(:schema, :{object}, '{{kinds}}') {is}, :description) $$;

/*# has_sequence([schema name,] sequence name [, description text])
Tests that a sequence exists.
describe: 'Sequence ' || tap._relation_name(:schema, :sequence) || ' should exist'
*/
$$ SELECT tap.ok(tap._relation(:schema, :sequence, '{S}') IS NOT NULL, :description) $$;

/*# hasnt_sequence([schema name,] sequence name, description text)
hasnt_sequence(sequence name)
Tests that a sequence does not exist.
describe: 'Sequence ' || quote_ident(:sequence) || ' should not exist'
*/
$$ SELECT tap.ok(tap._relation(:schema, :sequence, '{S}') IS NULL, :description) $$;

-- Names of the relations in a schema or, without one, of those on the search path, system
-- catalogs aside. What the library itself brings along is none of the caller's relations.
CREATE FUNCTION tap._relations(schema name, kinds "char"[]) RETURNS name[]
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN ARRAY(
        SELECT c.relname
        FROM pg_catalog.pg_class AS c
        INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
        WHERE
            c.relkind = ANY ($2)
            AND c.relname <> ALL (tap._own_relations())
            AND CASE
                WHEN $1 IS NOT NULL THEN n.nspname = $1
                ELSE n.nspname <> 'pg_catalog' AND pg_catalog.pg_table_is_visible(c.oid)
            END
    );
END;
$fn$;

-- The names of the library's own relations, and of pgTAP's, which is there as far as a suite knows.
CREATE FUNCTION tap._own_relations() RETURNS name[] LANGUAGE sql IMMUTABLE AS $fn$
SELECT '{tap_funky,pg_all_foreign_keys,__tcache__,__tcache___id_seq,__tresults___numb_seq,
    __tap_failed__}'::name[]
$fn$;

/*# {objects}_are(schema name, {objects} name[] [, description text])
describe: 'Schema ' || quote_ident(:schema) || ' should have the correct {called}'
{objects}_are({objects} name[] [, description text])
describe: 'Search path ' || current_setting('search_path') || ' should have the correct {called}'
Tests that a schema, or the search path, has exactly these {called}.
for objects           | called             | listed             | kinds
    tables             | tables             | tables             | r,p
    views              | views              | views              | v
    materialized_views | materialized views | Materialized views | m
    sequences          | sequences          | sequences          | S
    foreign_tables     | foreign tables     | foreign tables     | f
*/
$$
SELECT tap._are(
    '{listed}',
    tap._relations(:schema, '{{kinds}}'),
    ARRAY( -- a suite may list what pgTAP brings along, and need not
        SELECT w.name FROM unnest(:{objects}) AS w (name)
        WHERE (w.name = ANY (tap._own_relations())) IS NOT TRUE
    ),
    :description
)
$$;
