-- Properties of indexes, and the list of all of a table's.

-- An index of that name on the search path.
CREATE FUNCTION tap._visible_index(index_name name) RETURNS oid
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN (SELECT indexrelid FROM pg_index WHERE indexrelid = tap._relation(NULL, index_name));
END;
$fn$;

/*# {assertion}(schema name, table name, index name [, description text])
describe: {clustered_schema}'{kind} ' || quote_ident(:index){end}
*/
