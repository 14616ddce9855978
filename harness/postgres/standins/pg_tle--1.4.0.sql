-- Stand-in for pg_tle: what is installed is recorded; CREATE EXTENSION of it is not made possible.
CREATE TABLE pgtle.installed (name text PRIMARY KEY, version text, description text, ext text);
GRANT USAGE ON SCHEMA pgtle TO PUBLIC;
CREATE FUNCTION pgtle.install_extension(
    name text, version text, description text, ext text, requires text[] DEFAULT NULL, schema text DEFAULT NULL
) RETURNS boolean LANGUAGE sql AS $$
    -- stand-in of pgtap-harness: pg_tle
    INSERT INTO pgtle.installed VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING;
    SELECT true
$$;
CREATE FUNCTION pgtle.install_update_path(name text, fromvers text, tovers text, ext text)
RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION pgtle.set_default_version(name text, version text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION pgtle.uninstall_extension(extname text) RETURNS boolean
LANGUAGE sql AS 'DELETE FROM pgtle.installed AS i WHERE i.name = $1; SELECT true';
CREATE FUNCTION pgtle.uninstall_extension(extname text, version text) RETURNS boolean
LANGUAGE sql AS 'DELETE FROM pgtle.installed AS i WHERE i.name = $1; SELECT true';
CREATE FUNCTION pgtle.uninstall_extension_if_exists(extname text) RETURNS boolean
LANGUAGE sql AS 'DELETE FROM pgtle.installed AS i WHERE i.name = $1; SELECT true';
CREATE FUNCTION pgtle.available_extensions(OUT name text, OUT default_version text, OUT comment text)
RETURNS SETOF record LANGUAGE sql AS 'SELECT i.name, i.version, i.description FROM pgtle.installed AS i';
