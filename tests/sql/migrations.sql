-- What migrate leaves behind.
SELECT plan(3);

SELECT is(max(number)::bigint, count(*), 'migrations are numbered without gaps') FROM schema_migration;
SELECT is_empty($$SELECT FROM schema_migration WHERE checksum !~ '^[0-9a-f]{64}$'$$,
    'each with the SHA-256 of its text');
SELECT is_empty(
    $$SELECT relname FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace
    WHERE nspname = 'public' AND relkind = 'r' AND relowner <> 'taizhang_owner'::regrole
        AND relname !~ 'tap'$$,
    'every table is the owner''s');

SELECT * FROM finish();
