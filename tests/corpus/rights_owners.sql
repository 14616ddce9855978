SELECT no_plan();

CREATE ROLE rights_bob;
CREATE ROLE "rights Ann";
CREATE SCHEMA s;
CREATE SCHEMA "Weird S" AUTHORIZATION "rights Ann";
CREATE SCHEMA hidden;
CREATE TABLE t (id int PRIMARY KEY);
CREATE TABLE s.t (id int);
ALTER TABLE s.t OWNER TO "rights Ann";
CREATE TABLE hidden.h (a int);
CREATE VIEW v AS SELECT 1 AS a;
CREATE MATERIALIZED VIEW mv AS SELECT 1 AS a;
CREATE SEQUENCE sq;
CREATE TYPE comp AS (a int);
CREATE TYPE en AS ENUM ('a');
CREATE TYPE rng AS RANGE (subtype = float8);
CREATE TYPE shell;
CREATE DOMAIN dom AS int;
CREATE TABLE pt (a int) PARTITION BY LIST (a);
CREATE TABLE pt1 PARTITION OF pt FOR VALUES IN (1);
CREATE TABLE child () INHERITS (t);
CREATE UNLOGGED TABLE un (a int);
CREATE INDEX pti ON pt (a);
CREATE FOREIGN DATA WRAPPER rights_fdw;
CREATE SERVER rights_srv FOREIGN DATA WRAPPER rights_fdw;
CREATE FOREIGN TABLE ft (a int) SERVER rights_srv;
CREATE TABLE "Weird S"."T b" ("I d" int);
ALTER TABLE "Weird S"."T b" OWNER TO "rights Ann";
CREATE INDEX "I x" ON "Weird S"."T b" ("I d");
CREATE VIEW "Weird S"."V b" AS SELECT 1 AS a;
ALTER VIEW "Weird S"."V b" OWNER TO rights_bob;
CREATE FUNCTION f(int, text) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION s.f(int, text) RETURNS int LANGUAGE sql AS 'SELECT 1';
ALTER FUNCTION s.f(int, text) OWNER TO "rights Ann";
CREATE PROCEDURE pr() LANGUAGE sql AS '';
CREATE AGGREGATE ag(int) (sfunc = int4pl, stype = int);
CREATE OPERATOR CLASS s.my_ops FOR TYPE int USING btree AS OPERATOR 1 <, FUNCTION 1 btint4cmp(int, int);
ALTER OPERATOR CLASS s.my_ops USING btree OWNER TO rights_bob;

-- databases, schemas, tablespaces, languages
SELECT db_owner_is(current_database(), 'postgres', 'd'), regexp_replace(db_owner_is(current_database(), 'rights_bob'), current_database(), 'db', 'g');
SELECT db_owner_is(d, u), db_owner_is(d, u, 'd'), db_owner_is(d, u, NULL) FROM unnest('{template0,Template0,no Db,NULL}'::name[]) d, unnest('{postgres,rights Ann,no User,NULL}'::name[]) u;
SELECT schema_owner_is(s, u), schema_owner_is(s, u, 'd'), schema_owner_is(s, u, NULL) FROM unnest('{s,Weird S,weird s,pg_catalog,no S,NULL}'::name[]) s, unnest('{postgres,rights Ann,no User,NULL}'::name[]) u;
SELECT tablespace_owner_is(t, u), tablespace_owner_is(t, u, 'd'), tablespace_owner_is(t, u, NULL) FROM unnest('{pg_default,pg_global,no T,NULL}'::name[]) t, unnest('{postgres,rights Ann,no User,NULL}'::name[]) u;
SELECT language_owner_is(l, u), language_owner_is(l, u, 'd'), language_owner_is(l, u, NULL) FROM unnest('{plpgsql,sql,PLPGSQL,no L,NULL}'::name[]) l, unnest('{postgres,rights Ann,no User,NULL}'::name[]) u;

-- relations, types and operator classes: every kind of name for every assertion
SELECT relation_owner_is(o, u), relation_owner_is(o, u, 'd'), relation_owner_is(o, u, NULL::text) FROM unnest('{t,v,mv,sq,comp,en,_en,dom,rng,shell,pt,pt1,child,un,ft,pti,t_pkey,h,_t,int4,int4_ops,text_ops,my_ops,pg_class,pg_tables,integer,timestamptz,int[],No Obj,NULL}'::name[]) o, unnest('{postgres,rights Ann,NULL}'::name[]) u;
SELECT relation_owner_is(s, o, u::name), relation_owner_is(s, o, u, 'd'), relation_owner_is(s, o, u, NULL) FROM unnest('{public,s,Weird S,hidden,pg_catalog,no S,NULL}'::name[]) s, unnest('{t,v,mv,sq,comp,ft,en,h,T b,V b,my_ops,int4_ops,No Obj,NULL}'::name[]) o, unnest('{postgres,rights Ann,no User,NULL}'::name[]) u;
SELECT table_owner_is(o, u), table_owner_is(o, u, 'd'), table_owner_is(o, u, NULL::text) FROM unnest('{t,v,mv,sq,comp,en,_en,dom,rng,shell,pt,pt1,child,un,ft,pti,t_pkey,h,_t,int4,int4_ops,text_ops,my_ops,pg_class,pg_tables,integer,timestamptz,int[],No Obj,NULL}'::name[]) o, unnest('{postgres,rights Ann,NULL}'::name[]) u;
SELECT table_owner_is(s, o, u::name), table_owner_is(s, o, u, 'd'), table_owner_is(s, o, u, NULL) FROM unnest('{public,s,Weird S,hidden,pg_catalog,no S,NULL}'::name[]) s, unnest('{t,v,mv,sq,comp,ft,en,h,T b,V b,my_ops,int4_ops,No Obj,NULL}'::name[]) o, unnest('{postgres,rights Ann,no User,NULL}'::name[]) u;
SELECT view_owner_is(o, u), view_owner_is(o, u, 'd'), view_owner_is(o, u, NULL::text) FROM unnest('{t,v,mv,sq,comp,en,_en,dom,rng,shell,pt,pt1,child,un,ft,pti,t_pkey,h,_t,int4,int4_ops,text_ops,my_ops,pg_class,pg_tables,integer,timestamptz,int[],No Obj,NULL}'::name[]) o, unnest('{postgres,rights Ann,NULL}'::name[]) u;
SELECT view_owner_is(s, o, u::name), view_owner_is(s, o, u, 'd'), view_owner_is(s, o, u, NULL) FROM unnest('{public,s,Weird S,hidden,pg_catalog,no S,NULL}'::name[]) s, unnest('{t,v,mv,sq,comp,ft,en,h,T b,V b,my_ops,int4_ops,No Obj,NULL}'::name[]) o, unnest('{postgres,rights Ann,no User,NULL}'::name[]) u;
SELECT materialized_view_owner_is(o, u), materialized_view_owner_is(o, u, 'd'), materialized_view_owner_is(o, u, NULL::text) FROM unnest('{t,v,mv,sq,comp,en,_en,dom,rng,shell,pt,pt1,child,un,ft,pti,t_pkey,h,_t,int4,int4_ops,text_ops,my_ops,pg_class,pg_tables,integer,timestamptz,int[],No Obj,NULL}'::name[]) o, unnest('{postgres,rights Ann,NULL}'::name[]) u;
SELECT materialized_view_owner_is(s, o, u::name), materialized_view_owner_is(s, o, u, 'd'), materialized_view_owner_is(s, o, u, NULL) FROM unnest('{public,s,Weird S,hidden,pg_catalog,no S,NULL}'::name[]) s, unnest('{t,v,mv,sq,comp,ft,en,h,T b,V b,my_ops,int4_ops,No Obj,NULL}'::name[]) o, unnest('{postgres,rights Ann,no User,NULL}'::name[]) u;
SELECT sequence_owner_is(o, u), sequence_owner_is(o, u, 'd'), sequence_owner_is(o, u, NULL::text) FROM unnest('{t,v,mv,sq,comp,en,_en,dom,rng,shell,pt,pt1,child,un,ft,pti,t_pkey,h,_t,int4,int4_ops,text_ops,my_ops,pg_class,pg_tables,integer,timestamptz,int[],No Obj,NULL}'::name[]) o, unnest('{postgres,rights Ann,NULL}'::name[]) u;
SELECT sequence_owner_is(s, o, u::name), sequence_owner_is(s, o, u, 'd'), sequence_owner_is(s, o, u, NULL) FROM unnest('{public,s,Weird S,hidden,pg_catalog,no S,NULL}'::name[]) s, unnest('{t,v,mv,sq,comp,ft,en,h,T b,V b,my_ops,int4_ops,No Obj,NULL}'::name[]) o, unnest('{postgres,rights Ann,no User,NULL}'::name[]) u;
SELECT composite_owner_is(o, u), composite_owner_is(o, u, 'd'), composite_owner_is(o, u, NULL::text) FROM unnest('{t,v,mv,sq,comp,en,_en,dom,rng,shell,pt,pt1,child,un,ft,pti,t_pkey,h,_t,int4,int4_ops,text_ops,my_ops,pg_class,pg_tables,integer,timestamptz,int[],No Obj,NULL}'::name[]) o, unnest('{postgres,rights Ann,NULL}'::name[]) u;
SELECT composite_owner_is(s, o, u::name), composite_owner_is(s, o, u, 'd'), composite_owner_is(s, o, u, NULL) FROM unnest('{public,s,Weird S,hidden,pg_catalog,no S,NULL}'::name[]) s, unnest('{t,v,mv,sq,comp,ft,en,h,T b,V b,my_ops,int4_ops,No Obj,NULL}'::name[]) o, unnest('{postgres,rights Ann,no User,NULL}'::name[]) u;
SELECT foreign_table_owner_is(o, u), foreign_table_owner_is(o, u, 'd'), foreign_table_owner_is(o, u, NULL::text) FROM unnest('{t,v,mv,sq,comp,en,_en,dom,rng,shell,pt,pt1,child,un,ft,pti,t_pkey,h,_t,int4,int4_ops,text_ops,my_ops,pg_class,pg_tables,integer,timestamptz,int[],No Obj,NULL}'::name[]) o, unnest('{postgres,rights Ann,NULL}'::name[]) u;
SELECT foreign_table_owner_is(s, o, u::name), foreign_table_owner_is(s, o, u, 'd'), foreign_table_owner_is(s, o, u, NULL) FROM unnest('{public,s,Weird S,hidden,pg_catalog,no S,NULL}'::name[]) s, unnest('{t,v,mv,sq,comp,ft,en,h,T b,V b,my_ops,int4_ops,No Obj,NULL}'::name[]) o, unnest('{postgres,rights Ann,no User,NULL}'::name[]) u;
SELECT type_owner_is(o, u), type_owner_is(o, u, 'd'), type_owner_is(o, u, NULL::text) FROM unnest('{t,v,mv,sq,comp,en,_en,dom,rng,shell,pt,pt1,child,un,ft,pti,t_pkey,h,_t,int4,int4_ops,text_ops,my_ops,pg_class,pg_tables,integer,timestamptz,int[],No Obj,NULL}'::name[]) o, unnest('{postgres,rights Ann,NULL}'::name[]) u;
SELECT type_owner_is(s, o, u::name), type_owner_is(s, o, u, 'd'), type_owner_is(s, o, u, NULL) FROM unnest('{public,s,Weird S,hidden,pg_catalog,no S,NULL}'::name[]) s, unnest('{t,v,mv,sq,comp,ft,en,h,T b,V b,my_ops,int4_ops,No Obj,NULL}'::name[]) o, unnest('{postgres,rights Ann,no User,NULL}'::name[]) u;
SELECT opclass_owner_is(o, u), opclass_owner_is(o, u, 'd'), opclass_owner_is(o, u, NULL::text) FROM unnest('{t,v,mv,sq,comp,en,_en,dom,rng,shell,pt,pt1,child,un,ft,pti,t_pkey,h,_t,int4,int4_ops,text_ops,my_ops,pg_class,pg_tables,integer,timestamptz,int[],No Obj,NULL}'::name[]) o, unnest('{postgres,rights Ann,NULL}'::name[]) u;
SELECT opclass_owner_is(s, o, u::name), opclass_owner_is(s, o, u, 'd'), opclass_owner_is(s, o, u, NULL) FROM unnest('{public,s,Weird S,hidden,pg_catalog,no S,NULL}'::name[]) s, unnest('{t,v,mv,sq,comp,ft,en,h,T b,V b,my_ops,int4_ops,No Obj,NULL}'::name[]) o, unnest('{postgres,rights Ann,no User,NULL}'::name[]) u;
SET search_path = s, public;
SELECT table_owner_is(o, 'x'), view_owner_is(o, 'x'), relation_owner_is(o, 'x'), composite_owner_is(o, 'x'), type_owner_is(o, 'x'), opclass_owner_is(o, 'x'), sequence_owner_is(o, 'x') FROM unnest('{t,v,comp,my_ops,sq}'::name[]) o;
CREATE VIEW s.sq AS SELECT 1 AS a;
CREATE TYPE s.v AS (a int);
SELECT table_owner_is(o, 'x'), view_owner_is(o, 'x'), relation_owner_is(o, 'x'), composite_owner_is(o, 'x'), type_owner_is(o, 'x'), sequence_owner_is(o, 'x') FROM unnest('{t,v,comp,sq}'::name[]) o;
CREATE TEMP VIEW t AS SELECT 1 AS a;
CREATE TEMP TABLE tt (a int);
SELECT table_owner_is(o, 'x'), view_owner_is(o, 'x'), relation_owner_is(o, 'x'), type_owner_is(o, 'x') FROM unnest('{t,tt}'::name[]) o;
SELECT table_owner_is('pg_temp', 'tt', 'x'::name), table_owner_is(pg_my_temp_schema()::regnamespace::name, 'tt', 'postgres'::name, 'd');
SET search_path = public;

-- indexes
SELECT index_owner_is(t, i, u), index_owner_is(t, i, u, 'd'), index_owner_is(t, i, u, NULL::text) FROM (VALUES ('t'::name, 't_pkey'::name), ('t', 'No Idx'), ('t', 'pti'), ('No Tab', 't_pkey'), ('pt', 'pti'), ('pt1', 'pt1_a_idx'), ('mv', 'pti'), ('T b', 'I x'), ('t', 't'), (NULL, 't_pkey'), ('t', NULL)) v(t, i), unnest('{postgres,rights Ann,NULL}'::name[]) u;
SELECT index_owner_is(s, t, i, u::name), index_owner_is(s, t, i, u, 'd'), index_owner_is(s, t, i, u, NULL) FROM (VALUES ('public'::name, 't'::name, 't_pkey'::name), ('s', 't', 't_pkey'), ('public', 't', 'No Idx'), ('no S', 't', 't_pkey'), ('public', 'No Tab', 't_pkey'), ('Weird S', 'T b', 'I x'), (NULL, 't', 't_pkey'), ('public', NULL, 't_pkey'), ('public', 't', NULL)) v(s, t, i), unnest('{postgres,rights Ann,NULL}'::name[]) u;

-- functions
SELECT function_owner_is(f, a, u), function_owner_is(f, a, u, 'd'), function_owner_is(f, a, u, NULL::text) FROM (VALUES ('f'::name, '{integer,text}'::name[]), ('f', '{int,text}'), ('f', '{}'), ('f', '{NULL}'), ('f', '{integer,NULL,text}'), ('f', NULL), ('pr', '{}'), ('ag', '{integer}'), ('lower', '{text}'), ('No F', '{nosuch,a b}'), (NULL, '{}')) v(f, a), unnest('{postgres,rights Ann,no User,NULL}'::name[]) u;
SELECT function_owner_is(s, f, a, u), function_owner_is(s, f, a, u, 'd'), function_owner_is(s, f, a, u, NULL) FROM (VALUES ('public'::name, 'f'::name, '{integer,text}'::name[]), ('s', 'f', '{integer,text}'), ('s', 'f', '{int,text}'), ('no S', 'f', '{integer,text}'), ('s', 'No F', '{a b,NULL}'), (NULL, 'f', '{integer,text}'), ('s', NULL, '{integer,text}'), ('s', 'f', NULL)) v(s, f, a), unnest('{postgres,rights Ann,no User,NULL}'::name[]) u;
SELECT function_owner_is('f', '{}', 'rights Ann', 'd');
