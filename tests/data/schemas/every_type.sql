-- Every built-in type in one table, then each with limits, domains, arrays, ranges, composites.
CREATE SCHEMA kinds;
CREATE TYPE kinds.mood AS ENUM ('sad', 'it''s ok', 'happy, "very"', '');
CREATE TYPE kinds.address AS (street text, zip varchar(5), at timestamptz, tags text[]);
CREATE TYPE kinds.floatrange AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE DOMAIN kinds.email AS text CHECK (VALUE ~ '^[^@\s]+@[^@\s]+\.[a-z]{2,}$') CHECK (length(VALUE) <= 254);
CREATE DOMAIN kinds.positive AS integer NOT NULL CHECK (VALUE > 0);
CREATE DOMAIN kinds.small_positive AS kinds.positive CHECK (VALUE <= 100);
CREATE DOMAIN kinds.country AS char(2) CHECK (VALUE = upper(VALUE)) CHECK (VALUE ~ '^[A-Z]{2}$');
CREATE DOMAIN kinds.price AS numeric(8, 2) DEFAULT 1 CHECK (VALUE >= 0.01);

CREATE TABLE kinds.plain (
    c_smallint smallint NOT NULL, c_integer integer NOT NULL, c_bigint bigint NOT NULL,
    c_numeric numeric NOT NULL, c_real real NOT NULL, c_double double precision NOT NULL,
    c_money money NOT NULL, c_text text NOT NULL, c_varchar varchar NOT NULL, c_char char NOT NULL,
    c_internal_char "char" NOT NULL, c_name name NOT NULL, c_bytea bytea NOT NULL,
    c_boolean boolean NOT NULL, c_date date NOT NULL, c_time time NOT NULL,
    c_timetz timetz NOT NULL, c_timestamp timestamp NOT NULL, c_timestamptz timestamptz NOT NULL,
    c_interval interval NOT NULL, c_uuid uuid NOT NULL, c_json json NOT NULL, c_jsonb jsonb NOT NULL,
    c_jsonpath jsonpath NOT NULL, c_inet inet NOT NULL, c_cidr cidr NOT NULL,
    c_macaddr macaddr NOT NULL, c_macaddr8 macaddr8 NOT NULL, c_bit bit NOT NULL,
    c_varbit varbit NOT NULL, c_point point NOT NULL, c_line line NOT NULL, c_lseg lseg NOT NULL,
    c_box box NOT NULL, c_path path NOT NULL, c_polygon polygon NOT NULL, c_circle circle NOT NULL,
    c_tsvector tsvector NOT NULL, c_tsquery tsquery NOT NULL, c_pg_lsn pg_lsn NOT NULL,
    c_oid oid NOT NULL, c_xid xid NOT NULL, c_cid cid NOT NULL, c_xid8 xid8 NOT NULL,
    c_tid tid NOT NULL, c_snapshot pg_snapshot NOT NULL, c_txid_snapshot txid_snapshot NOT NULL,
    c_regclass regclass NOT NULL, c_regtype regtype NOT NULL, c_regproc regproc NOT NULL,
    c_regprocedure regprocedure NOT NULL, c_regoper regoper NOT NULL,
    c_regoperator regoperator NOT NULL, c_regnamespace regnamespace NOT NULL,
    c_regcollation regcollation NOT NULL, c_regconfig regconfig NOT NULL,
    c_regdictionary regdictionary NOT NULL, c_regrole regrole NOT NULL,
    c_int2vector int2vector NOT NULL, c_oidvector oidvector NOT NULL, c_refcursor refcursor NOT NULL,
    c_int4range int4range NOT NULL, c_int8range int8range NOT NULL, c_numrange numrange NOT NULL,
    c_daterange daterange NOT NULL, c_tsrange tsrange NOT NULL, c_tstzrange tstzrange NOT NULL,
    c_int4multirange int4multirange NOT NULL, c_int8multirange int8multirange NOT NULL,
    c_nummultirange nummultirange NOT NULL, c_datemultirange datemultirange NOT NULL,
    c_tsmultirange tsmultirange NOT NULL, c_tstzmultirange tstzmultirange NOT NULL,
    c_xml xml
);

CREATE TABLE kinds.limited (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    varchar_1 varchar(1) NOT NULL, varchar_300 varchar(300) NOT NULL, char_3 char(3) NOT NULL,
    numeric_1_0 numeric(1) NOT NULL, numeric_10_2 numeric(10, 2) NOT NULL,
    numeric_38_37 numeric(38, 37) NOT NULL, bit_5 bit(5) NOT NULL, varbit_3 varbit(3) NOT NULL,
    time_0 time(0) NOT NULL, timestamp_3 timestamp(3) NOT NULL, timestamptz_0 timestamptz(0) NOT NULL,
    interval_ym interval year to month NOT NULL, interval_s interval second(2) NOT NULL,
    mood kinds.mood NOT NULL, address kinds.address NOT NULL, email kinds.email NOT NULL,
    positive kinds.positive, small_positive kinds.small_positive, country kinds.country NOT NULL,
    price kinds.price NOT NULL, floatrange kinds.floatrange NOT NULL,
    texts text[] NOT NULL, numbers integer[][] NOT NULL, moods kinds.mood[] NOT NULL,
    addresses kinds.address[] NOT NULL, stamps timestamptz[] NOT NULL, boxes box[] NOT NULL,
    ranges daterange[] NOT NULL, varchars varchar(2)[] NOT NULL, documents jsonb[] NOT NULL,
    emails kinds.email[] NOT NULL, bytes bytea[] NOT NULL
);
