-- Stand-in for http: there, so that functions that name it are created; refused when it is called.
CREATE DOMAIN http_method AS text;
CREATE TYPE http_header AS (field varchar, value varchar);
CREATE TYPE http_response AS (status int, content_type varchar, headers http_header[], content varchar);
CREATE TYPE http_request AS (
    method http_method, uri varchar, headers http_header[], content_type varchar, content varchar
);
CREATE FUNCTION http_header(field varchar, value varchar) RETURNS http_header
LANGUAGE sql AS 'SELECT $1, $2';
CREATE FUNCTION http(request http_request) RETURNS http_response LANGUAGE plpgsql AS $$
-- stand-in of pgtap-harness: http
DECLARE
    said http_response;
BEGIN
    -- What Supabase's documentation has suites install their package manager with.
    IF request.uri LIKE 'https://api.database.dev/rest/v1/package_versions?%supabase-dbdev%' THEN
        said := (200, 'application/json', NULL, '[{"version": "0.0.5", "sql": ""}]');
        RETURN said;
    END IF;
    RAISE INFO 'the stand-in for http sends nothing: % %', request.method, request.uri; RAISE EXCEPTION 'the stand-in for http sends nothing: % %', request.method, request.uri
        USING ERRCODE = '0A000';
END $$;
CREATE FUNCTION http_get(uri varchar) RETURNS http_response LANGUAGE plpgsql AS $$ BEGIN
    RAISE INFO 'the stand-in for http sends nothing: %', uri; RAISE EXCEPTION 'the stand-in for http sends nothing: %', uri USING ERRCODE = '0A000';
END $$;
CREATE FUNCTION http_delete(uri varchar) RETURNS http_response LANGUAGE plpgsql AS $$ BEGIN
    RAISE INFO 'the stand-in for http sends nothing: %', uri; RAISE EXCEPTION 'the stand-in for http sends nothing: %', uri USING ERRCODE = '0A000';
END $$;
CREATE FUNCTION http_head(uri varchar) RETURNS http_response LANGUAGE plpgsql AS $$ BEGIN
    RAISE INFO 'the stand-in for http sends nothing: %', uri; RAISE EXCEPTION 'the stand-in for http sends nothing: %', uri USING ERRCODE = '0A000';
END $$;
CREATE FUNCTION http_post(uri varchar, content varchar, content_type varchar) RETURNS http_response
LANGUAGE plpgsql AS $$ BEGIN
    RAISE INFO 'the stand-in for http sends nothing: %', uri; RAISE EXCEPTION 'the stand-in for http sends nothing: %', uri USING ERRCODE = '0A000';
END $$;
CREATE FUNCTION http_put(uri varchar, content varchar, content_type varchar) RETURNS http_response
LANGUAGE plpgsql AS $$ BEGIN
    RAISE INFO 'the stand-in for http sends nothing: %', uri; RAISE EXCEPTION 'the stand-in for http sends nothing: %', uri USING ERRCODE = '0A000';
END $$;
CREATE FUNCTION http_patch(uri varchar, content varchar, content_type varchar) RETURNS http_response
LANGUAGE plpgsql AS $$ BEGIN
    RAISE INFO 'the stand-in for http sends nothing: %', uri; RAISE EXCEPTION 'the stand-in for http sends nothing: %', uri USING ERRCODE = '0A000';
END $$;
CREATE FUNCTION http_get(uri varchar, data jsonb) RETURNS http_response LANGUAGE sql AS 'SELECT http_get($1)';
CREATE FUNCTION http_set_curlopt(curlopt varchar, value varchar) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION http_reset_curlopt() RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION urlencode(string varchar) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT string_agg(
        CASE WHEN c ~ '[A-Za-z0-9_.~-]' THEN c
            ELSE regexp_replace(upper(encode(convert_to(c, 'UTF8'), 'hex')), '(..)', '%\1', 'g') END, ''
        ORDER BY n)
    FROM regexp_split_to_table($1, '') WITH ORDINALITY AS one (c, n)
$$;
