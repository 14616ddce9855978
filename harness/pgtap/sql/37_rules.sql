-- Rules.
--
-- They include "_RETURN", the rule that makes a view.

-- The rule of that name on a relation, or a row of NULLs.
CREATE FUNCTION tap._rule(relation oid, rule_name name) RETURNS pg_rewrite
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
    found_rule pg_rewrite;
BEGIN
    SELECT * INTO found_rule FROM pg_rewrite WHERE ev_class = relation AND rulename = rule_name;
    RETURN found_rule;
END;
$fn$;

/*# {has}_rule([schema name,] table name, rule name [, description text])
Tests that a relation {has_it} a rule.
describe: 'Relation ' || tap._relation_name(:schema, :table) || ' {should} have rule '
    || quote_ident(:rule)
for has | has_it        | should     | is
    has   | has           | should     | IS NOT NULL
    hasnt | does not have | should not | IS NULL
*/
$$
BEGIN
    RETURN tap.ok((tap._rule(tap._relation(:schema, :table), :rule)).oid {is}, :description);
END;
$$;

/*# rule_is_instead([schema name,] table name, rule name [, description text])
Tests that a rule replaces the statement that it is on.
describe: 'Rule ' || quote_ident(:rule) || ' on relation '
    || tap._relation_name(:schema, :table) || ' should be an INSTEAD rule'
*/
$$
DECLARE
    found_rule pg_rewrite := tap._rule(tap._relation(:schema, :table), :rule);
BEGIN
    IF found_rule.oid IS NULL THEN
        RETURN tap.ok(false, :description) || E'\n'
            || tap.diag('    Rule ' || quote_ident(:rule) || ' does not exist');
    END IF;
    RETURN tap.ok(found_rule.is_instead, :description);
END;
$$;

-- The event of a rule: of the first letter of what a test calls it.
CREATE FUNCTION tap._event(text) RETURNS text LANGUAGE sql IMMUTABLE AS $fn$
SELECT CASE upper(left($1, 1))
    WHEN 'S' THEN 'SELECT'
    WHEN 'U' THEN 'UPDATE'
    WHEN 'I' THEN 'INSERT'
    WHEN 'D' THEN 'DELETE'
    ELSE 'UNKNOWN'
END
$fn$;

-- Without a schema pgTAP takes any relation of that name: of several, that in the oldest schema.
CREATE FUNCTION tap._rule_event(schema name, table_name name, rule_name name) RETURNS text
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN (
        SELECT ('{SELECT,UPDATE,INSERT,DELETE}'::text[])[ev_type::text::integer]
        FROM pg_rewrite
        JOIN pg_class ON pg_class.oid = ev_class
        JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE rulename = rule_name
            AND relname = table_name
            AND (schema IS NULL OR nspname = schema)
        ORDER BY relnamespace
        LIMIT 1
    );
END;
$fn$;

/*# rule_is_on([schema name,] table name, rule name, event text [, description text])
Tests which statement a rule is on: SELECT, INSERT, UPDATE or DELETE.
describe: 'Rule ' || quote_ident(:rule) || ' should be on ' || tap._event(:event)
    || ' to ' || tap._relation_name(:schema, :table)
*/
$$
DECLARE
    have text := tap._rule_event(:schema, :table, :rule);
BEGIN
    IF have IS NULL THEN
        RETURN tap.ok(false, :description) || E'\n' || tap.diag(
            '    Rule ' || quote_ident(:rule) || ' does not exist on '
            || tap._known_name(:schema, :table)
        );
    END IF;
    RETURN tap.is(have, tap._event(:event), :description);
END;
$$;

/*# rules_are([schema name,] table name, rules name[] [, description text])
Tests that a relation has these rules and no others.
describe: 'Relation ' || tap._relation_name(:schema, :table) || ' should have the correct rules'
*/
$$
BEGIN
    RETURN tap._are(
        'rules',
        ARRAY(
            SELECT rulename
            FROM pg_rewrite
            WHERE ev_class = tap._own_relation(:schema, :table)
        ),
        :rules,
        :description
    );
END;
$$;
