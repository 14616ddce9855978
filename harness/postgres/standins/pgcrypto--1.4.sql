-- Stand-in for pgcrypto where the server has none: SQL and PL/pgSQL only, PostgreSQL 14 or newer.
--
-- exact:     digest, hmac, crypt with md5, sha256crypt and sha512crypt salts, armor, dearmor, pgp_armor_headers, gen_random_uuid
-- contract:  gen_random_bytes, gen_salt, crypt with bf/xdes/des salts, encrypt/decrypt, pgp_sym_*
-- refused:   pgp_pub_*, pgp_key_id, hashes and messages that the real pgcrypto made (0A000)
--
-- INFO tells the client, who gets it whatever client_min_messages is, of each refusal (which the
-- caller may catch) and of each value that the real one would have made another way.
--
-- The extension can be moved to another schema, as the real one: no body of PL/pgSQL calls
-- another function of it; bodies in BEGIN ATOMIC or RETURN are bound to what they call.
\echo Use "CREATE EXTENSION pgcrypto" to load this file. \quit

CREATE FUNCTION digest(bytea, text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE
    mask CONSTANT bigint := 4294967295;
    message bytea; w bigint[]; at int;
    a bigint; b bigint; c bigint; d bigint; e bigint; f bigint; x bigint;
    h0 bigint := 1732584193; h1 bigint := 4023233417; h2 bigint := 2562383102;
    h3 bigint := 271733878; h4 bigint := 3285377520;
BEGIN
    CASE lower($2)
        WHEN 'md5' THEN RETURN decode(md5($1), 'hex');
        WHEN 'sha224' THEN RETURN sha224($1);
        WHEN 'sha256' THEN RETURN sha256($1);
        WHEN 'sha384' THEN RETURN sha384($1);
        WHEN 'sha512' THEN RETURN sha512($1);
        WHEN 'sha1' THEN NULL;
        ELSE RAISE EXCEPTION 'Cannot use "%": No such hash algorithm', $2 USING ERRCODE = '22023';
    END CASE;
    message := $1 || '\x80'::bytea
        || decode(repeat('00', (119 - length($1) % 64) % 64), 'hex') || int8send(length($1)::bigint * 8);
    FOR block IN 0 .. length(message) / 64 - 1 LOOP
        w := NULL;
        FOR t IN 0 .. 15 LOOP
            at := block * 64 + t * 4;
            w[t] := (get_byte(message, at)::bigint << 24) | (get_byte(message, at + 1) << 16)
                | (get_byte(message, at + 2) << 8) | get_byte(message, at + 3);
        END LOOP;
        a := h0; b := h1; c := h2; d := h3; e := h4;
        FOR t IN 0 .. 79 LOOP
            IF t > 15 THEN
                x := w[t - 3] # w[t - 8] # w[t - 14] # w[t - 16];
                w[t] := ((x << 1) & mask) | (x >> 31);
            END IF;
            IF t < 20 THEN f := ((b & c) | ((b # mask) & d)) + 1518500249;
            ELSIF t < 40 THEN f := (b # c # d) + 1859775393;
            ELSIF t < 60 THEN f := ((b & c) | (b & d) | (c & d)) + 2400959708;
            ELSE f := (b # c # d) + 3395469782;
            END IF;
            x := ((((a << 5) & mask) | (a >> 27)) + f + e + w[t]) & mask;
            e := d; d := c; c := ((b << 30) & mask) | (b >> 2); b := a; a := x;
        END LOOP;
        h0 := (h0 + a) & mask; h1 := (h1 + b) & mask; h2 := (h2 + c) & mask;
        h3 := (h3 + d) & mask; h4 := (h4 + e) & mask;
    END LOOP;
    RETURN substr(int8send(h0), 5) || substr(int8send(h1), 5) || substr(int8send(h2), 5)
        || substr(int8send(h3), 5) || substr(int8send(h4), 5);
END $$;

CREATE FUNCTION digest(text, text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN digest(convert_to($1, getdatabaseencoding()), $2);

-- hmac(key, message) = H(key ^ opad || H(key ^ ipad || message)), over the key at block length
CREATE FUNCTION hmac(bytea, bytea, text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    WITH sizes AS (
        SELECT CASE WHEN lower($3) IN ('sha384', 'sha512') THEN 128 ELSE 64 END AS block
    ), keys AS (
        SELECT block, CASE WHEN length($2) > block THEN digest($2, $3) ELSE $2 END AS key FROM sizes
    ), pads AS (
        SELECT string_agg(lpad(to_hex(byte # 92), 2, '0'), '' ORDER BY i) AS outer_pad,
               string_agg(lpad(to_hex(byte # 54), 2, '0'), '' ORDER BY i) AS inner_pad
        FROM keys, LATERAL (
            SELECT i, CASE WHEN i < length(key) THEN get_byte(key, i) ELSE 0 END AS byte
            FROM generate_series(0, block - 1) AS i
        ) AS bytes
    )
    SELECT digest(decode(outer_pad, 'hex') || digest(decode(inner_pad, 'hex') || $1, $3), $3) FROM pads;
END;

CREATE FUNCTION hmac(text, text, text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN hmac(convert_to($1, getdatabaseencoding()), convert_to($2, getdatabaseencoding()), $3);

-- 244 random bits of the server's strong source for every 32 bytes
CREATE FUNCTION gen_random_bytes(int4) RETURNS bytea
LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE found bytea := ''::bytea;
BEGIN
    IF $1 NOT BETWEEN 1 AND 1024 THEN
        RAISE EXCEPTION 'Length not in range' USING ERRCODE = '39000';
    END IF;
    WHILE length(found) < $1 LOOP
        found := found || sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
    END LOOP;
    RETURN substr(found, 1, $1);
END $$;

CREATE FUNCTION gen_random_uuid() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE RETURN pg_catalog.gen_random_uuid();

CREATE FUNCTION gen_salt(text, int4) RETURNS text
LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
-- stand-in of pgtap-harness: pgcrypto
DECLARE
    crypt64 CONSTANT text := './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    bcrypt64 CONSTANT text := './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
    rounds int := $2; alphabet text := crypt64; letters int; made text := ''; source bytea;
BEGIN
    CASE lower($1)
        WHEN 'bf' THEN rounds := coalesce(nullif(rounds, 0), 6); alphabet := bcrypt64; letters := 21;
        WHEN 'md5' THEN rounds := coalesce(nullif(rounds, 0), 1000); letters := 8;
        WHEN 'xdes' THEN rounds := coalesce(nullif(rounds, 0), 725); letters := 4;
        WHEN 'des' THEN rounds := coalesce(nullif(rounds, 0), 25); letters := 2;
        WHEN 'sha256crypt', 'sha512crypt' THEN
            IF current_setting('server_version_num')::int < 180000 THEN
                RAISE EXCEPTION 'gen_salt: Unknown salt algorithm' USING ERRCODE = '22023';
            END IF;
            rounds := coalesce(nullif(rounds, 0), 5000); letters := 16;
        ELSE RAISE EXCEPTION 'gen_salt: Unknown salt algorithm' USING ERRCODE = '22023';
    END CASE;
    IF NOT (CASE lower($1) WHEN 'bf' THEN rounds BETWEEN 4 AND 31 WHEN 'md5' THEN rounds = 1000
            WHEN 'xdes' THEN rounds BETWEEN 1 AND 16777215 AND rounds % 2 = 1
            WHEN 'des' THEN rounds = 25 ELSE rounds BETWEEN 1000 AND 999999999 END) THEN
        RAISE EXCEPTION 'gen_salt: Incorrect number of rounds' USING ERRCODE = '22023';
    END IF;
    source := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
    FOR i IN 0 .. letters - 1 LOOP
        made := made || substr(alphabet, get_byte(source, i) % 64 + 1, 1);
    END LOOP;
    RETURN CASE lower($1)
        WHEN 'bf' THEN '$2a$' || lpad(rounds::text, 2, '0') || '$' || made
            || substr('.Oeu', get_byte(source, 31) % 4 + 1, 1)    -- the last letter holds two bits
        WHEN 'md5' THEN '$1$' || made
        WHEN 'sha256crypt' THEN '$5$rounds=' || rounds || '$' || made
        WHEN 'sha512crypt' THEN '$6$rounds=' || rounds || '$' || made
        WHEN 'xdes' THEN '_' || substr(crypt64, rounds % 64 + 1, 1) || substr(crypt64, (rounds >> 6) % 64 + 1, 1)
            || substr(crypt64, (rounds >> 12) % 64 + 1, 1) || substr(crypt64, (rounds >> 18) % 64 + 1, 1) || made
        ELSE made END;
END $$;

CREATE FUNCTION gen_salt(text) RETURNS text
LANGUAGE sql VOLATILE STRICT PARALLEL SAFE RETURN gen_salt($1, 0);

-- md5 salts as the real one. With other salts the hash has the real form and length, and differs
-- with password and salt, but is made from SHA-256. The last letter of a real hash holds four
-- bits and two zeros; ours never has both zeros, so that either is told from the other.
CREATE FUNCTION crypt(text, text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE
    crypt64 CONSTANT text := './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    bcrypt64 CONSTANT text := './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
    password bytea := convert_to($1, getdatabaseencoding());
    alphabet text := crypt64; letters int := 11; salt text; salted bytea; hash bytea; context bytea;
    left_over int; three int; made text := ''; wide boolean; rounds int; p bytea; s bytea;
    places CONSTANT int[] := ARRAY[[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5]];
BEGIN
    IF $2 LIKE '$1$%' THEN
        salt := left(split_part(substr($2, 4), '$', 1), 8);
        salted := convert_to(salt, getdatabaseencoding());
        hash := decode(md5(password || salted || password), 'hex');
        context := password || '$1$'::bytea || salted;
        left_over := length(password);
        WHILE left_over > 0 LOOP
            context := context || substr(hash, 1, least(16, left_over));
            left_over := left_over - 16;
        END LOOP;
        left_over := length(password);
        WHILE left_over > 0 LOOP
            context := context || CASE left_over % 2 WHEN 1 THEN '\x00'::bytea ELSE substr(password, 1, 1) END;
            left_over := left_over / 2;
        END LOOP;
        hash := decode(md5(context), 'hex');
        FOR i IN 0 .. 999 LOOP
            hash := decode(md5(CASE i % 2 WHEN 1 THEN password ELSE hash END
                || CASE WHEN i % 3 > 0 THEN salted ELSE ''::bytea END
                || CASE WHEN i % 7 > 0 THEN password ELSE ''::bytea END
                || CASE i % 2 WHEN 1 THEN hash ELSE password END), 'hex');
        END LOOP;
        FOR i IN 1 .. 5 LOOP
            three := (get_byte(hash, places[i][1]) << 16) | (get_byte(hash, places[i][2]) << 8)
                | get_byte(hash, places[i][3]);
            FOR j IN 0 .. 3 LOOP
                made := made || substr(crypt64, ((three >> (6 * j)) & 63) + 1, 1);
            END LOOP;
        END LOOP;
        three := get_byte(hash, 11);
        RETURN '$1$' || salt || '$' || made || substr(crypt64, (three & 63) + 1, 1) || substr(crypt64, (three >> 6) + 1, 1);
    END IF;
    IF $2 ~ '^\$[56]\$' AND current_setting('server_version_num')::int >= 180000 THEN
        -- SHA-crypt, as Ulrich Drepper's specification says
        wide := $2 LIKE '$6$%';
        rounds := least(greatest(coalesce(substring($2, '^\$[56]\$rounds=([0-9]+)\$')::int, 5000), 1000), 999999999);
        salt := left(split_part(regexp_replace(substr($2, 4), '^rounds=[0-9]+\$', ''), '$', 1), 16);
        salted := convert_to(salt, getdatabaseencoding());
        context := password || salted || password;
        hash := CASE WHEN wide THEN sha512(context) ELSE sha256(context) END;
        context := password || salted;
        left_over := length(password);
        WHILE left_over > 0 LOOP
            context := context || substr(hash, 1, least(length(hash), left_over));
            left_over := left_over - length(hash);
        END LOOP;
        left_over := length(password);
        WHILE left_over > 0 LOOP
            context := context || CASE left_over % 2 WHEN 1 THEN hash ELSE password END;
            left_over := left_over / 2;
        END LOOP;
        hash := CASE WHEN wide THEN sha512(context) ELSE sha256(context) END;
        context := decode(repeat(encode(password, 'hex'), length(password)), 'hex');
        context := CASE WHEN wide THEN sha512(context) ELSE sha256(context) END;
        p := decode(left(repeat(encode(context, 'hex'), length(password) / length(context) + 1), length(password) * 2), 'hex');
        context := decode(repeat(encode(salted, 'hex'), 16 + get_byte(hash, 0)), 'hex');
        context := CASE WHEN wide THEN sha512(context) ELSE sha256(context) END;
        s := substr(context, 1, length(salted));
        FOR i IN 0 .. rounds - 1 LOOP
            context := CASE i % 2 WHEN 1 THEN p ELSE hash END || CASE WHEN i % 3 > 0 THEN s ELSE ''::bytea END
                || CASE WHEN i % 7 > 0 THEN p ELSE ''::bytea END || CASE i % 2 WHEN 1 THEN hash ELSE p END;
            hash := CASE WHEN wide THEN sha512(context) ELSE sha256(context) END;
        END LOOP;
        FOR i IN 0 .. CASE WHEN wide THEN 20 ELSE 9 END LOOP
            -- three columns of 10 or 21 bytes, turned by one from row to row
            three := CASE WHEN wide THEN
                (get_byte(hash, i + 21 * (i % 3)) << 16) | (get_byte(hash, i + 21 * ((i + 1) % 3)) << 8) | get_byte(hash, i + 21 * ((i + 2) % 3))
                ELSE (get_byte(hash, i + 10 * ((3 - i % 3) % 3)) << 16) | (get_byte(hash, i + 10 * ((4 - i % 3) % 3)) << 8)
                    | get_byte(hash, i + 10 * ((5 - i % 3) % 3)) END;
            FOR j IN 0 .. 3 LOOP
                made := made || substr(crypt64, ((three >> (6 * j)) & 63) + 1, 1);
            END LOOP;
        END LOOP;
        three := CASE WHEN wide THEN get_byte(hash, 63) ELSE (get_byte(hash, 31) << 8) | get_byte(hash, 30) END;
        FOR j IN 0 .. CASE WHEN wide THEN 1 ELSE 2 END LOOP
            made := made || substr(crypt64, ((three >> (6 * j)) & 63) + 1, 1);
        END LOOP;
        RETURN left($2, 3) || CASE WHEN $2 ~ '^\$[56]\$rounds=' THEN 'rounds=' || rounds || '$' ELSE '' END || salt || '$' || made;
    END IF;
    IF $2 ~ '^\$2[axy]?\$[0-3][0-9]\$[./A-Za-z0-9]{22}' THEN
        salt := left($2, 29); alphabet := bcrypt64; letters := 31;
        password := substr(password, 1, 72);
    ELSIF $2 ~ '^_[./A-Za-z0-9]{8}' THEN
        salt := left($2, 9);
    ELSIF length($2) >= 2 AND $2 NOT LIKE '$%' THEN
        salt := left($2, 2);
        password := substr(password, 1, 8);
    ELSE
        RAISE EXCEPTION 'invalid salt' USING ERRCODE = '22023';
    END IF;
    IF length($2) >= length(salt) + letters
        AND (strpos(alphabet, substr($2, length(salt) + letters, 1)) - 1) % 4 = 0 THEN
        RAISE INFO 'the stand-in for pgcrypto cannot check a hash that the real crypt() made'; RAISE EXCEPTION 'the stand-in for pgcrypto cannot check a hash that the real crypt() made'
            USING ERRCODE = '0A000', HINT = 'Use a PostgreSQL that has pgcrypto, or make the hash with crypt().';
    END IF;
    IF length($2) = length(salt) THEN
        RAISE INFO 'only the form is that of the real one: crypt() of the stand-in for pgcrypto';
    END IF;
    hash := sha256(password || '\x00'::bytea || convert_to(salt, getdatabaseencoding()));
    FOR i IN 0 .. letters - 2 LOOP
        made := made || substr(alphabet, get_byte(hash, i) % 64 + 1, 1);
    END LOOP;
    three := get_byte(hash, 31);
    RETURN salt || made || substr(alphabet, (three % 16) * 4 + 1 + (three >> 4) % 3 + 1, 1);
END $$;

-- encrypt and decrypt: padded to whole blocks as the real ones, over a stream made by SHA-256
CREATE FUNCTION encrypt_iv(bytea, bytea, bytea, text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE
    block CONSTANT int := CASE WHEN $4 ~* '^(bf|blowfish|3des|des3|des|cast5)' THEN 8 ELSE 16 END;
    plain bytea := $1; pad int; stream bytea;
BEGIN
    RAISE INFO 'only the form is that of the real one: encrypt() of the stand-in for pgcrypto';
    IF $4 !~* '^(bf|blowfish|aes|aes128|aes192|aes256|rijndael|3des|des3|des|cast5)(-(cbc|ecb|cfb))?(/pad:(pkcs|none))?$' THEN
        RAISE EXCEPTION 'Cannot use "%": No such cipher algorithm', $4 USING ERRCODE = '22023';
    END IF;
    IF $4 !~* 'pad:none' THEN
        pad := block - length(plain) % block;
        plain := plain || decode(repeat(lpad(to_hex(pad), 2, '0'), pad), 'hex');
    ELSIF length(plain) % block > 0 THEN
        RAISE EXCEPTION 'encrypt error: Data not a multiple of block size' USING ERRCODE = '39000';
    END IF;
    FOR i IN 0 .. length(plain) - 1 LOOP
        IF i % 32 = 0 THEN stream := sha256($2 || '\x00'::bytea || $3 || int4send(i)); END IF;
        plain := set_byte(plain, i, get_byte(plain, i) # get_byte(stream, i % 32));
    END LOOP;
    RETURN plain;
END $$;

CREATE FUNCTION decrypt_iv(bytea, bytea, bytea, text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE
    block CONSTANT int := CASE WHEN $4 ~* '^(bf|blowfish|3des|des3|des|cast5)' THEN 8 ELSE 16 END;
    plain bytea := $1; pad int; stream bytea;
BEGIN
    RAISE INFO 'only the form is that of the real one: decrypt() of the stand-in for pgcrypto';
    IF $4 !~* '^(bf|blowfish|aes|aes128|aes192|aes256|rijndael|3des|des3|des|cast5)(-(cbc|ecb|cfb))?(/pad:(pkcs|none))?$' THEN
        RAISE EXCEPTION 'Cannot use "%": No such cipher algorithm', $4 USING ERRCODE = '22023';
    END IF;
    IF length(plain) % block > 0 THEN
        RAISE EXCEPTION 'decrypt error: Data not a multiple of block size' USING ERRCODE = '39000';
    END IF;
    FOR i IN 0 .. length(plain) - 1 LOOP
        IF i % 32 = 0 THEN stream := sha256($2 || '\x00'::bytea || $3 || int4send(i)); END IF;
        plain := set_byte(plain, i, get_byte(plain, i) # get_byte(stream, i % 32));
    END LOOP;
    IF $4 ~* 'pad:none' OR plain = '' THEN RETURN plain; END IF;
    pad := get_byte(plain, length(plain) - 1);
    IF pad NOT BETWEEN 1 AND block
        OR right(encode(plain, 'hex'), pad * 2) <> repeat(lpad(to_hex(pad), 2, '0'), pad) THEN
        RAISE EXCEPTION 'decrypt error: Decryption failed' USING ERRCODE = '39000';
    END IF;
    RETURN substr(plain, 1, length(plain) - pad);
END $$;

CREATE FUNCTION encrypt(bytea, bytea, text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN encrypt_iv($1, $2, ''::bytea, $3);
CREATE FUNCTION decrypt(bytea, bytea, text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN decrypt_iv($1, $2, ''::bytea, $3);

-- A message: our mark, t or b for text or bytea, 16 random bytes, 16 bytes of a check, the data under a stream
CREATE FUNCTION pgp_sym_encrypt_bytea(bytea, text, text) RETURNS bytea
LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE
    kind bytea := CASE WHEN $3 LIKE '%standin-text%' THEN 't' ELSE 'b' END;
    key bytea := convert_to($2, 'UTF8'); salt bytea := uuid_send(gen_random_uuid());
    made bytea := $1; stream bytea;
BEGIN
    FOR i IN 0 .. length(made) - 1 LOOP
        IF i % 32 = 0 THEN stream := sha256(key || '\x00'::bytea || salt || int4send(i)); END IF;
        made := set_byte(made, i, get_byte(made, i) # get_byte(stream, i % 32));
    END LOOP;
    RETURN '\xc3'::bytea || 'standin'::bytea || kind || salt
        || substr(sha256(key || '\x01'::bytea || salt || $1), 1, 16) || made;
END $$;

CREATE FUNCTION pgp_sym_decrypt_bytea(bytea, text, text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE
    key bytea := convert_to($2, 'UTF8'); salt bytea := substr($1, 10, 16);
    made bytea := substr($1, 42); stream bytea;
BEGIN
    IF substr($1, 1, 8) <> '\xc3'::bytea || 'standin'::bytea THEN
        IF length($1) > 2 AND get_byte($1, 0) IN (140, 195) THEN
            RAISE INFO 'the stand-in for pgcrypto cannot read a message that the real one made'; RAISE EXCEPTION 'the stand-in for pgcrypto cannot read a message that the real one made'
                USING ERRCODE = '0A000', HINT = 'Use a PostgreSQL that has pgcrypto.';
        END IF;
        RAISE EXCEPTION 'Wrong key or corrupt data' USING ERRCODE = '39000';
    END IF;
    IF substr($1, 9, 1) = 'b'::bytea AND $3 LIKE '%standin-text%' THEN
        RAISE EXCEPTION 'Not text data' USING ERRCODE = '39000';
    ELSIF substr($1, 9, 1) = 't'::bytea AND $3 NOT LIKE '%standin-text%' THEN
        NULL;   -- the real one gives the bytes of text, too
    END IF;
    FOR i IN 0 .. length(made) - 1 LOOP
        IF i % 32 = 0 THEN stream := sha256(key || '\x00'::bytea || salt || int4send(i)); END IF;
        made := set_byte(made, i, get_byte(made, i) # get_byte(stream, i % 32));
    END LOOP;
    IF substr(sha256(key || '\x01'::bytea || salt || made), 1, 16) <> substr($1, 26, 16) THEN
        RAISE EXCEPTION 'Wrong key or corrupt data' USING ERRCODE = '39000';
    END IF;
    RETURN made;
END $$;

CREATE FUNCTION pgp_sym_encrypt_bytea(bytea, text) RETURNS bytea
LANGUAGE sql VOLATILE STRICT PARALLEL SAFE RETURN pgp_sym_encrypt_bytea($1, $2, '');
CREATE FUNCTION pgp_sym_decrypt_bytea(bytea, text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN pgp_sym_decrypt_bytea($1, $2, '');
CREATE FUNCTION pgp_sym_encrypt(text, text, text) RETURNS bytea
LANGUAGE sql VOLATILE STRICT PARALLEL SAFE
RETURN pgp_sym_encrypt_bytea(convert_to($1, getdatabaseencoding()), $2, $3 || ' standin-text');
CREATE FUNCTION pgp_sym_encrypt(text, text) RETURNS bytea
LANGUAGE sql VOLATILE STRICT PARALLEL SAFE RETURN pgp_sym_encrypt($1, $2, '');
CREATE FUNCTION pgp_sym_decrypt(bytea, text, text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN convert_from(pgp_sym_decrypt_bytea($1, $2, $3 || ' standin-text'), getdatabaseencoding());
CREATE FUNCTION pgp_sym_decrypt(bytea, text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN pgp_sym_decrypt($1, $2, '');

CREATE FUNCTION armor(bytea, text[], text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE
    sum int := 11994318; head text := '';     -- CRC-24 of RFC 4880: starts with 0xB704CE, polynomial 0x864CFB
BEGIN
    IF array_ndims($2) > 1 OR array_ndims($3) > 1 THEN
        RAISE EXCEPTION 'wrong number of array subscripts' USING ERRCODE = '2202E';
    ELSIF cardinality($2) <> cardinality($3) THEN
        RAISE EXCEPTION 'mismatched array dimensions' USING ERRCODE = '2202E';
    END IF;
    FOR i IN 1 .. cardinality($2) LOOP
        IF $2[i] IS NULL THEN
            RAISE EXCEPTION 'null value not allowed for header key' USING ERRCODE = '22004';
        ELSIF $3[i] IS NULL THEN
            RAISE EXCEPTION 'null value not allowed for header value' USING ERRCODE = '22004';
        END IF;
        head := head || $2[i] || ': ' || $3[i] || E'\n';
    END LOOP;
    FOR i IN 0 .. length($1) - 1 LOOP
        sum := sum # (get_byte($1, i) << 16);
        FOR bit IN 1 .. 8 LOOP
            sum := sum << 1;
            IF sum & 16777216 > 0 THEN sum := (sum # 25578747) & 16777215; END IF;
        END LOOP;
    END LOOP;
    RETURN E'-----BEGIN PGP MESSAGE-----\n' || head || E'\n' || encode($1, 'base64')
        || CASE WHEN $1 = '' THEN '' ELSE E'\n' END
        || '=' || encode(substr(int4send(sum), 2), 'base64') || E'\n-----END PGP MESSAGE-----\n';
END $$;

CREATE FUNCTION armor(bytea) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN armor($1, ARRAY[]::text[], ARRAY[]::text[]);

CREATE FUNCTION dearmor(text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE
    parts text[] := regexp_match($1, E'-----BEGIN PGP [A-Z ]+-----\r?\n(?:[^\r\n]+\r?\n)*\r?\n((?:[A-Za-z0-9+/=]+\\s+)*?)=([A-Za-z0-9+/]{4})\\s*-----END PGP [A-Z ]+-----');
    made bytea; sum int := 11994318;
BEGIN
    IF parts IS NULL THEN RAISE EXCEPTION 'Corrupt ascii-armor' USING ERRCODE = '39000'; END IF;
    made := decode(parts[1], 'base64');
    FOR i IN 0 .. length(made) - 1 LOOP
        sum := sum # (get_byte(made, i) << 16);
        FOR bit IN 1 .. 8 LOOP
            sum := sum << 1;
            IF sum & 16777216 > 0 THEN sum := (sum # 25578747) & 16777215; END IF;
        END LOOP;
    END LOOP;
    IF decode(parts[2], 'base64') <> substr(int4send(sum), 2) THEN
        RAISE EXCEPTION 'Corrupt ascii-armor' USING ERRCODE = '39000';
    END IF;
    RETURN made;
END $$;

CREATE FUNCTION pgp_armor_headers(text, OUT key text, OUT value text) RETURNS SETOF record
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT split_part(line, ': ', 1), substr(line, strpos(line, ': ') + 2)
    FROM regexp_split_to_table((regexp_match($1, E'-----BEGIN PGP [A-Z ]+-----\r?\n((?:[^\r\n]+\r?\n)*)'))[1], E'\r?\n') AS line
    WHERE line <> '';
END;

-- Public keys: there, so that functions that name them are created; refused when they are called
CREATE FUNCTION pgp_pub_encrypt(text, bytea) RETURNS bytea LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE AS
$$ BEGIN RAISE INFO 'the stand-in for pgcrypto has no pgp_pub_encrypt()'; RAISE EXCEPTION 'the stand-in for pgcrypto has no pgp_pub_encrypt()' USING ERRCODE = '0A000', HINT = 'Use a PostgreSQL that has pgcrypto.'; END $$;
CREATE FUNCTION pgp_pub_encrypt(text, bytea, text) RETURNS bytea LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE AS
$$ BEGIN RAISE INFO 'the stand-in for pgcrypto has no pgp_pub_encrypt()'; RAISE EXCEPTION 'the stand-in for pgcrypto has no pgp_pub_encrypt()' USING ERRCODE = '0A000', HINT = 'Use a PostgreSQL that has pgcrypto.'; END $$;
CREATE FUNCTION pgp_pub_encrypt_bytea(bytea, bytea) RETURNS bytea LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE AS
$$ BEGIN RAISE INFO 'the stand-in for pgcrypto has no pgp_pub_encrypt_bytea()'; RAISE EXCEPTION 'the stand-in for pgcrypto has no pgp_pub_encrypt_bytea()' USING ERRCODE = '0A000', HINT = 'Use a PostgreSQL that has pgcrypto.'; END $$;
CREATE FUNCTION pgp_pub_encrypt_bytea(bytea, bytea, text) RETURNS bytea LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE AS
$$ BEGIN RAISE INFO 'the stand-in for pgcrypto has no pgp_pub_encrypt_bytea()'; RAISE EXCEPTION 'the stand-in for pgcrypto has no pgp_pub_encrypt_bytea()' USING ERRCODE = '0A000', HINT = 'Use a PostgreSQL that has pgcrypto.'; END $$;
CREATE FUNCTION pgp_pub_decrypt(bytea, bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS
$$ BEGIN RAISE INFO 'the stand-in for pgcrypto has no pgp_pub_decrypt()'; RAISE EXCEPTION 'the stand-in for pgcrypto has no pgp_pub_decrypt()' USING ERRCODE = '0A000', HINT = 'Use a PostgreSQL that has pgcrypto.'; END $$;
CREATE FUNCTION pgp_pub_decrypt(bytea, bytea, text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS
$$ BEGIN RAISE INFO 'the stand-in for pgcrypto has no pgp_pub_decrypt()'; RAISE EXCEPTION 'the stand-in for pgcrypto has no pgp_pub_decrypt()' USING ERRCODE = '0A000', HINT = 'Use a PostgreSQL that has pgcrypto.'; END $$;
CREATE FUNCTION pgp_pub_decrypt(bytea, bytea, text, text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS
$$ BEGIN RAISE INFO 'the stand-in for pgcrypto has no pgp_pub_decrypt()'; RAISE EXCEPTION 'the stand-in for pgcrypto has no pgp_pub_decrypt()' USING ERRCODE = '0A000', HINT = 'Use a PostgreSQL that has pgcrypto.'; END $$;
CREATE FUNCTION pgp_pub_decrypt_bytea(bytea, bytea) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS
$$ BEGIN RAISE INFO 'the stand-in for pgcrypto has no pgp_pub_decrypt_bytea()'; RAISE EXCEPTION 'the stand-in for pgcrypto has no pgp_pub_decrypt_bytea()' USING ERRCODE = '0A000', HINT = 'Use a PostgreSQL that has pgcrypto.'; END $$;
CREATE FUNCTION pgp_pub_decrypt_bytea(bytea, bytea, text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS
$$ BEGIN RAISE INFO 'the stand-in for pgcrypto has no pgp_pub_decrypt_bytea()'; RAISE EXCEPTION 'the stand-in for pgcrypto has no pgp_pub_decrypt_bytea()' USING ERRCODE = '0A000', HINT = 'Use a PostgreSQL that has pgcrypto.'; END $$;
CREATE FUNCTION pgp_pub_decrypt_bytea(bytea, bytea, text, text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS
$$ BEGIN RAISE INFO 'the stand-in for pgcrypto has no pgp_pub_decrypt_bytea()'; RAISE EXCEPTION 'the stand-in for pgcrypto has no pgp_pub_decrypt_bytea()' USING ERRCODE = '0A000', HINT = 'Use a PostgreSQL that has pgcrypto.'; END $$;
CREATE FUNCTION pgp_key_id(bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS
$$ BEGIN RAISE INFO 'the stand-in for pgcrypto has no pgp_key_id()'; RAISE EXCEPTION 'the stand-in for pgcrypto has no pgp_key_id()' USING ERRCODE = '0A000', HINT = 'Use a PostgreSQL that has pgcrypto.'; END $$;

-- PostgreSQL 18 has it
CREATE FUNCTION fips_mode() RETURNS bool
LANGUAGE sql VOLATILE STRICT PARALLEL SAFE RETURN false;
