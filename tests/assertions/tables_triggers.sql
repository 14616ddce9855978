-- Triggers and rules.
BEGIN;
SELECT plan(165);

CREATE SCHEMA one;
CREATE FUNCTION public.stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION one."Log It"() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE public.t (id int PRIMARY KEY, a int);
CREATE TABLE one.far (id int REFERENCES public.t);
CREATE TRIGGER stamped BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE TRIGGER "Odd One" AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION one."Log It"();
CREATE TRIGGER far_log AFTER INSERT ON one.far FOR EACH ROW EXECUTE FUNCTION one."Log It"();
CREATE RULE t_insert AS ON INSERT TO t DO INSTEAD NOTHING;
CREATE RULE "T Update" AS ON UPDATE TO t DO ALSO NOTHING;
CREATE RULE far_delete AS ON DELETE TO one.far DO INSTEAD NOTHING;

SELECT * FROM check_test(
    has_trigger('t', 'stamped'),
    true,
    'has_trigger(t, stamped)',
    'Table t should have trigger stamped',
    ''
);
SELECT * FROM check_test(
    has_trigger('t', 'stamped', 'd'),
    true,
    'has_trigger(t, stamped, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    has_trigger('one', 'far', 'far_log'::name),
    true,
    'has_trigger(one, far, far_log::name)',
    'Table one.far should have trigger far_log',
    ''
);
SELECT * FROM check_test(
    has_trigger('one', 'far', 'far_log', 'd'),
    true,
    'has_trigger(one, far, far_log, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    has_trigger('t', 'No Pe'),
    false,
    'has_trigger(t, No Pe)',
    'Table t should have trigger "No Pe"',
    ''
);
SELECT * FROM check_test(
    has_trigger('one', 'far', 'stamped', 'd'),
    false,
    'has_trigger(one, far, stamped, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    hasnt_trigger('t', 'nope'),
    true,
    'hasnt_trigger(t, nope)',
    'Table t should not have trigger nope',
    ''
);
SELECT * FROM check_test(
    hasnt_trigger('t', 'nope', 'd'),
    true,
    'hasnt_trigger(t, nope, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    hasnt_trigger('one', 'far', 'stamped'::name),
    true,
    'hasnt_trigger(one, far, stamped::name)',
    'Table one.far should not have trigger stamped',
    ''
);
SELECT * FROM check_test(
    hasnt_trigger('one', 'far', 'stamped', 'd'),
    true,
    'hasnt_trigger(one, far, stamped, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    hasnt_trigger('t', 'Odd One'),
    false,
    'hasnt_trigger(t, Odd One)',
    'Table t should not have trigger "Odd One"',
    ''
);
SELECT * FROM check_test(
    trigger_is('t', 'stamped', 'stamp'),
    true,
    'trigger_is(t, stamped, stamp)',
    'Trigger stamped should call stamp()',
    ''
);
SELECT * FROM check_test(
    trigger_is('t', 'stamped', 'stamp', 'd'),
    true,
    'trigger_is(t, stamped, stamp, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    trigger_is('public', 't', 'Odd One', 'one', 'Log It'),
    true,
    'trigger_is(public, t, Odd One, one, Log It)',
    'Trigger "Odd One" should call one."Log It"()',
    ''
);
SELECT * FROM check_test(
    trigger_is('one', 'far', 'far_log', 'one', 'Log It', 'd'),
    true,
    'trigger_is(one, far, far_log, one, Log It, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    trigger_is('t', 'Odd One', 'stamp'),
    false,
    'trigger_is(t, Odd One, stamp)',
    'Trigger "Odd One" should call stamp()',
    E'        have: Log It\n        want: stamp'
);
SELECT * FROM check_test(
    trigger_is('t', 'nope', 'stamp'),
    false,
    'trigger_is(t, nope, stamp)',
    'Trigger nope should call stamp()',
    E'        have: NULL\n        want: stamp'
);
SELECT * FROM check_test(
    trigger_is('one', 'far', 'far_log', 'public', 'stamp'),
    false,
    'trigger_is(one, far, far_log, public, stamp)',
    'Trigger far_log should call public.stamp()',
    E'        have: one."Log It"\n        want: public.stamp'
);
SELECT * FROM check_test(
    triggers_are('t', ARRAY['stamped', 'Odd One']),
    true,
    'triggers_are(t, ARRAY[stamped, Odd One])',
    'Table t should have the correct triggers',
    ''
);
SELECT * FROM check_test(
    triggers_are('t', ARRAY['stamped', 'Odd One'], 'd'),
    true,
    'triggers_are(t, ARRAY[stamped, Odd One], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    triggers_are('one', 'far', ARRAY['far_log']),
    true,
    'triggers_are(one, far, ARRAY[far_log])',
    'Table one.far should have the correct triggers',
    ''
);
SELECT * FROM check_test(
    triggers_are('one', 'far', ARRAY['far_log'], 'd'),
    true,
    'triggers_are(one, far, ARRAY[far_log], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    triggers_are('t', ARRAY['stamped', 'other']),
    false,
    'triggers_are(t, ARRAY[stamped, other])',
    'Table t should have the correct triggers',
    E'    Extra triggers:\n        "Odd One"\n    Missing triggers:\n        other'
);
SELECT * FROM check_test(
    triggers_are('one', 'far', ARRAY[]::name[], 'd'),
    false,
    'triggers_are(one, far, ARRAY[]::name[], d)',
    'd',
    E'    Extra triggers:\n        far_log'
);
SELECT * FROM check_test(
    has_rule('t', 't_insert'),
    true,
    'has_rule(t, t_insert)',
    'Relation t should have rule t_insert',
    ''
);
SELECT * FROM check_test(has_rule('t', 't_insert', 'd'), true, 'has_rule(t, t_insert, d)', 'd', '');
SELECT * FROM check_test(
    has_rule('one', 'far', 'far_delete'::name),
    true,
    'has_rule(one, far, far_delete::name)',
    'Relation one.far should have rule far_delete',
    ''
);
SELECT * FROM check_test(
    has_rule('one', 'far', 'far_delete', 'd'),
    true,
    'has_rule(one, far, far_delete, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    has_rule('t', 'nope'),
    false,
    'has_rule(t, nope)',
    'Relation t should have rule nope',
    ''
);
SELECT * FROM check_test(
    has_rule('one', 'far', 't_insert', 'd'),
    false,
    'has_rule(one, far, t_insert, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    hasnt_rule('t', 'nope'),
    true,
    'hasnt_rule(t, nope)',
    'Relation t should not have rule nope',
    ''
);
SELECT * FROM check_test(hasnt_rule('t', 'nope', 'd'), true, 'hasnt_rule(t, nope, d)', 'd', '');
SELECT * FROM check_test(
    hasnt_rule('one', 'far', 't_insert'::name),
    true,
    'hasnt_rule(one, far, t_insert::name)',
    'Relation one.far should not have rule t_insert',
    ''
);
SELECT * FROM check_test(
    hasnt_rule('one', 'far', 't_insert', 'd'),
    true,
    'hasnt_rule(one, far, t_insert, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    hasnt_rule('t', 'T Update'),
    false,
    'hasnt_rule(t, T Update)',
    'Relation t should not have rule "T Update"',
    ''
);
SELECT * FROM check_test(
    rule_is_instead('t', 't_insert'),
    true,
    'rule_is_instead(t, t_insert)',
    'Rule t_insert on relation t should be an INSTEAD rule',
    ''
);
SELECT * FROM check_test(
    rule_is_instead('t', 't_insert', 'd'),
    true,
    'rule_is_instead(t, t_insert, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    rule_is_instead('one', 'far', 'far_delete'::name),
    true,
    'rule_is_instead(one, far, far_delete::name)',
    'Rule far_delete on relation one.far should be an INSTEAD rule',
    ''
);
SELECT * FROM check_test(
    rule_is_instead('one', 'far', 'far_delete', 'd'),
    true,
    'rule_is_instead(one, far, far_delete, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    rule_is_instead('t', 'T Update'),
    false,
    'rule_is_instead(t, T Update)',
    'Rule "T Update" on relation t should be an INSTEAD rule',
    ''
);
SELECT * FROM check_test(
    rule_is_instead('t', 'nope'),
    false,
    'rule_is_instead(t, nope)',
    'Rule nope on relation t should be an INSTEAD rule',
    '    Rule nope does not exist'
);
SELECT * FROM check_test(
    rule_is_on('t', 't_insert', 'insert'),
    true,
    'rule_is_on(t, t_insert, insert)',
    'Rule t_insert should be on INSERT to t',
    ''
);
SELECT * FROM check_test(
    rule_is_on('t', 't_insert', 'INSERT', 'd'),
    true,
    'rule_is_on(t, t_insert, INSERT, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    rule_is_on('one', 'far', 'far_delete'::name, 'delete'::text),
    true,
    'rule_is_on(one, far, far_delete::name, delete::text)',
    'Rule far_delete should be on DELETE to one.far',
    ''
);
SELECT * FROM check_test(
    rule_is_on('one', 'far', 'far_delete', 'delete', 'd'),
    true,
    'rule_is_on(one, far, far_delete, delete, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    rule_is_on('t', 'T Update', 'insert'),
    false,
    'rule_is_on(t, T Update, insert)',
    'Rule "T Update" should be on INSERT to t',
    E'        have: UPDATE\n        want: INSERT'
);
SELECT * FROM check_test(
    rule_is_on('t', 'T Update', 'update'),
    true,
    'rule_is_on(t, T Update, update)',
    'Rule "T Update" should be on UPDATE to t',
    ''
);
SELECT * FROM check_test(
    rule_is_on('t', 't_insert', 'merge'),
    false,
    'rule_is_on(t, t_insert, merge)',
    'Rule t_insert should be on UNKNOWN to t',
    E'        have: INSERT\n        want: UNKNOWN'
);
SELECT * FROM check_test(
    rule_is_on('one', 'far', 'nope', 'insert', 'd'),
    false,
    'rule_is_on(one, far, nope, insert, d)',
    'd',
    '    Rule nope does not exist on one.far'
);
SELECT * FROM check_test(
    rules_are('t', ARRAY['t_insert', 'T Update']),
    true,
    'rules_are(t, ARRAY[t_insert, T Update])',
    'Relation t should have the correct rules',
    ''
);
SELECT * FROM check_test(
    rules_are('t', ARRAY['t_insert', 'T Update'], 'd'),
    true,
    'rules_are(t, ARRAY[t_insert, T Update], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    rules_are('one', 'far', ARRAY['far_delete']),
    true,
    'rules_are(one, far, ARRAY[far_delete])',
    'Relation one.far should have the correct rules',
    ''
);
SELECT * FROM check_test(
    rules_are('one', 'far', ARRAY['far_delete'], 'd'),
    true,
    'rules_are(one, far, ARRAY[far_delete], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    rules_are('t', ARRAY['t_insert', 'zz', 'Aa']),
    false,
    'rules_are(t, ARRAY[t_insert, zz, Aa])',
    'Relation t should have the correct rules',
    E'    Extra rules:\n        "T Update"\n    Missing rules:\n        "Aa"\n        zz'
);
SELECT * FROM check_test(
    rules_are('one', 'far', ARRAY[]::name[], 'd'),
    false,
    'rules_are(one, far, ARRAY[]::name[], d)',
    'd',
    E'    Extra rules:\n        far_delete'
);

SELECT * FROM finish();
ROLLBACK;
