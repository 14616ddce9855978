-- Stand-in for uuid-ossp where the server has none: SQL and PL/pgSQL only, PostgreSQL 14 or newer.
--
-- exact:     uuid_nil, uuid_ns_*, uuid_generate_v3, uuid_generate_v5
-- contract:  uuid_generate_v4 (random), uuid_generate_v1 and v1mc (this moment; the node is random, multicast bit set)
\echo Use "CREATE EXTENSION uuid-ossp" to load this file. \quit

CREATE FUNCTION uuid_nil() RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN '00000000-0000-0000-0000-000000000000'::uuid;
CREATE FUNCTION uuid_ns_dns() RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid;
CREATE FUNCTION uuid_ns_url() RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN '6ba7b811-9dad-11d1-80b4-00c04fd430c8'::uuid;
CREATE FUNCTION uuid_ns_oid() RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN '6ba7b812-9dad-11d1-80b4-00c04fd430c8'::uuid;
CREATE FUNCTION uuid_ns_x500() RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN '6ba7b814-9dad-11d1-80b4-00c04fd430c8'::uuid;

CREATE FUNCTION uuid_generate_v4() RETURNS uuid LANGUAGE sql VOLATILE STRICT PARALLEL SAFE
RETURN pg_catalog.gen_random_uuid();

-- 100 ns since 1582-10-15; the digit below the clock's microsecond and the sequence are random
CREATE FUNCTION uuid_generate_v1mc() RETURNS uuid
LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
-- stand-in of pgtap-harness: uuid-ossp
DECLARE
    chance bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
    moment bytea := int8send((extract(epoch FROM clock_timestamp()) * 10000000)::bigint
        + 122192928000000000 + get_byte(chance, 0) % 10);
BEGIN
    RETURN encode(
        substr(moment, 5, 4) || substr(moment, 3, 2)
        || set_byte(substr(moment, 1, 2), 0, (get_byte(moment, 0) & 15) | 16)
        || set_byte(substr(chance, 2, 2), 0, (get_byte(chance, 1) & 63) | 128)
        || set_byte(substr(chance, 4, 6), 0, get_byte(chance, 3) | 1), 'hex')::uuid;
END $$;

-- As v1mc, with one node for this server
CREATE FUNCTION uuid_generate_v1() RETURNS uuid
LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE
    chance bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
    node bytea := sha256(int8send((SELECT system_identifier FROM pg_control_system())));
    moment bytea := int8send((extract(epoch FROM clock_timestamp()) * 10000000)::bigint
        + 122192928000000000 + get_byte(chance, 0) % 10);
BEGIN
    RETURN encode(
        substr(moment, 5, 4) || substr(moment, 3, 2)
        || set_byte(substr(moment, 1, 2), 0, (get_byte(moment, 0) & 15) | 16)
        || set_byte(substr(chance, 2, 2), 0, (get_byte(chance, 1) & 63) | 128)
        || set_byte(substr(node, 4, 6), 0, get_byte(node, 3) | 1), 'hex')::uuid;
END $$;

CREATE FUNCTION uuid_generate_v3(namespace uuid, name text) RETURNS uuid
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE made bytea := decode(md5(uuid_send(namespace) || convert_to(name, getdatabaseencoding())), 'hex');
BEGIN
    made := set_byte(made, 6, (get_byte(made, 6) & 15) | 48);
    RETURN encode(set_byte(made, 8, (get_byte(made, 8) & 63) | 128), 'hex')::uuid;
END $$;

-- SHA-1 as in the stand-in for pgcrypto's digest(), which need not be installed
CREATE FUNCTION uuid_generate_v5(namespace uuid, name text) RETURNS uuid
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE
    mask CONSTANT bigint := 4294967295;
    source CONSTANT bytea := uuid_send(namespace) || convert_to(name, getdatabaseencoding());
    message bytea; made bytea; w bigint[]; at int;
    a bigint; b bigint; c bigint; d bigint; e bigint; f bigint; x bigint;
    h0 bigint := 1732584193; h1 bigint := 4023233417; h2 bigint := 2562383102;
    h3 bigint := 271733878; h4 bigint := 3285377520;
BEGIN
    message := source || '\x80'::bytea
        || decode(repeat('00', (119 - length(source) % 64) % 64), 'hex') || int8send(length(source)::bigint * 8);
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
    made := substr(int8send(h0), 5) || substr(int8send(h1), 5) || substr(int8send(h2), 5)
        || substr(int8send(h3), 5);
    made := set_byte(made, 6, (get_byte(made, 6) & 15) | 80);
    RETURN encode(set_byte(made, 8, (get_byte(made, 8) & 63) | 128), 'hex')::uuid;
END $$;
