-- pgjwt in SQL, over pgcrypto: tokens signed with HS256, HS384 and HS512.
CREATE FUNCTION url_encode(data bytea) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    -- stand-in of pgtap-harness: pgjwt
    SELECT translate(encode(data, 'base64'), E'+/=\n', '-_')
$$;
CREATE FUNCTION url_decode(data text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT decode(rpad(translate(data, '-_', '+/'), (length(data) + 3) / 4 * 4, '='), 'base64')
$$;
CREATE FUNCTION algorithm_sign(signables text, secret text, algorithm text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN url_encode(hmac(signables, secret, CASE algorithm WHEN 'HS256' THEN 'sha256'
    WHEN 'HS384' THEN 'sha384' WHEN 'HS512' THEN 'sha512' ELSE '' END));
CREATE FUNCTION sign(payload json, secret text, algorithm text DEFAULT 'HS256') RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    WITH parts AS (
        SELECT url_encode(convert_to('{"alg":"' || algorithm || '","typ":"JWT"}', 'utf8')) || '.'
            || url_encode(convert_to(payload::text, 'utf8')) AS signables
    )
    SELECT signables || '.' || algorithm_sign(signables, secret, algorithm) FROM parts;
END;
CREATE FUNCTION try_cast_double(inp text) RETURNS double precision LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN inp::double precision;
EXCEPTION WHEN invalid_text_representation THEN RETURN NULL;
END $$;
CREATE FUNCTION verify(token text, secret text, algorithm text DEFAULT 'HS256')
RETURNS TABLE (header json, payload json, valid boolean) LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT convert_from(url_decode(r[1]), 'utf8')::json, convert_from(url_decode(r[2]), 'utf8')::json,
        r[3] = algorithm_sign(r[1] || '.' || r[2], secret, algorithm)
        AND tstzrange(
            to_timestamp(try_cast_double(convert_from(url_decode(r[2]), 'utf8')::json ->> 'nbf')),
            to_timestamp(try_cast_double(convert_from(url_decode(r[2]), 'utf8')::json ->> 'exp'))
        ) @> current_timestamp
    FROM regexp_split_to_array(token, '\.') AS r;
END;
