-- Slips, entries and events are append-only for everyone; the log has no gaps and keeps its keys.
SELECT plan(25);

SELECT is(outcome(format(change, name)), '42501', format(change, name) || ' is refused to a superuser')
FROM unnest(ARRAY['slip', 'entry', 'event']) AS name,
    unnest(ARRAY[
        'UPDATE %I SET store_id = store_id', 'DELETE FROM %I', 'DELETE FROM %I WHERE false',
        'TRUNCATE %I'
    ]) AS change;

CREATE FUNCTION event(seq bigint, key text DEFAULT NULL, hash text DEFAULT repeat('0', 64), store integer DEFAULT 1,
    type text DEFAULT 'slip', request text DEFAULT NULL)
RETURNS text LANGUAGE sql AS $$
SELECT format(
    'INSERT INTO event
        (store_id, seq, at, type, actor, record, leaf_hash, idempotency_key, request_hash)
     VALUES (%s, %s, now(), %L, ''system'', ''{}'', decode(%L, ''hex''), %L, decode(%L, ''hex''));',
    store, seq, type, hash, key, request)
$$;

SELECT accepted(event(2), 'the next event');
SELECT accepted(event(2) || event(3), 'and the one after it');
SELECT refused(event(3), 'event_follows', 'no sequence is skipped');
SELECT refused(event(2, store => 2), 'event_follows', 'a log begins with 1');
SELECT refused(event(1), 'event_pkey', 'no sequence is given twice');
SELECT refused(event(2, hash => 'ab'), 'event_leaf_hash_check', 'a leaf hash has 32 bytes');
SELECT refused(event(2, type => 'Slip!'), 'event_type_check', 'a type is a word');
SELECT refused(event(2, key => 'k 1', request => repeat('0', 64)), 'event_idempotency_key_check',
    'a key has no blanks');
SELECT refused(event(2, key => 'k1'), 'event_check', 'a key comes with the hash of its request');
SELECT accepted(event(2, key => 'k1', request => repeat('0', 64)), 'a key is kept');
SELECT refused(
    event(2, key => 'k1', request => repeat('0', 64)) || event(3, key => 'k1', request => repeat('1', 64)),
    'event_idempotency_key', 'a key is used once in a store');
SELECT accepted(
    event(2, key => 'k1', request => repeat('0', 64))
        || event(1, key => 'k1', request => repeat('0', 64), store => 2),
    'another store has its own keys');

SELECT is(event_seq_at(1, '2022-11-20 09:00+08'), 1::bigint, 'a day is found in the log');

SELECT * FROM finish();
