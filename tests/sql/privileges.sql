-- What the service's role cannot do, whatever the service's code says.
SELECT plan(46);

SELECT is(rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls, false, 'the service''s role is plain')
FROM pg_roles WHERE rolname = 'taizhang_service';
SELECT is_empty(
    $$SELECT relname FROM pg_class WHERE relowner = 'taizhang_service'::regrole$$,
    'it owns nothing');

-- Exactly these, table by table: r SELECT, a INSERT, w UPDATE, d DELETE.
SELECT is(
    (SELECT string_agg(
        CASE privilege_type
            WHEN 'SELECT' THEN 'r' WHEN 'INSERT' THEN 'a' WHEN 'UPDATE' THEN 'w'
            WHEN 'DELETE' THEN 'd' ELSE privilege_type
        END, '' ORDER BY array_position(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'], privilege_type))
     FROM aclexplode((SELECT relacl FROM pg_class WHERE oid = name::regclass))
     WHERE grantee = 'taizhang_service'::regrole),
    expected, format('the service has %s on %s', expected, name))
FROM (VALUES
    ('slip', 'ra'), ('entry', 'ra'), ('event', 'ra'), ('refusal', 'rad'),
    ('store_head', 'raw'), ('ledger', 'raw'), ('lot', 'raw'), ('slip_series', 'raw'),
    ('ledger_day', 'raw'), ('alert', 'raw'), ('place', 'raw'), ('item', 'raw'), ('store', 'raw'),
    ('pack', 'rawd'), ('app_user', 'raw'), ('user_grant', 'rad'), ('session', 'rawd'),
    ('api_token', 'raw'), ('sign_in_failure', 'rawd'), ('schema_migration', 'r'),
    ('level', 'r'), ('secret', 'r'), ('alert_rule', 'rawd'), ('sweep', 'rw'),
    ('alert_rule_at', 'r'), ('alert_fact', 'r'), ('alert_clock', 'r'),
    ('channel', 'raw'), ('subscription', 'rad'), ('message', 'rawd'), ('notice', 'rawd'),
    ('outbox_told', 'r'),
    ('log_tile', 'raw'), ('log_key', 'ra'), ('checkpoint', 'ra')
) AS rule (name, expected);
SELECT is_empty(
    $$SELECT relname FROM pg_class, aclexplode(relacl) WHERE grantee = 0
        AND relnamespace = 'public'::regnamespace AND relname !~ '^pg_|tap'$$,
    'everybody else has nothing');

SELECT forbidden_to('taizhang_service', statement)
FROM unnest(ARRAY[
    'UPDATE slip SET note = ''''',
    'DELETE FROM entry',
    'TRUNCATE event',
    'CREATE TABLE mine ()',
    'ALTER TABLE slip DISABLE TRIGGER ALL',
    'DROP TRIGGER event_append_only ON event',
    'CREATE SCHEMA mine',
    'DELETE FROM log_tile',
    'UPDATE checkpoint SET note = ''''',
    'DELETE FROM log_key',
    'SELECT log_tree_build(ARRAY[1])',
    'INSERT INTO schema_migration VALUES (99, ''x'', ''x'')'
]) AS statement;

SELECT * FROM finish();
