-- Tests kept in functions: finding them, running them in a batch, and running them as xUnit
-- does, each in a subtransaction of its own between set-up and tear-down.

/*# findfuncs(schema name, pattern text[, exclude text]) -> text[]
Finds the functions of a schema, or of the search path, whose names match a pattern.
*/
$$
SELECT ARRAY(
    SELECT DISTINCT quote_ident(n.nspname) || '.' || quote_ident(p.proname) COLLATE "C" AS function
    FROM pg_catalog.pg_proc AS p
    INNER JOIN pg_catalog.pg_namespace AS n ON p.pronamespace = n.oid
    WHERE n.nspname = :schema
        AND p.proname ~ :pattern
        AND (:exclude IS NULL OR p.proname !~ :exclude)
    ORDER BY function
)
$$;
