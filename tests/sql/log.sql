-- Slips, entries and events are append-only for everyone; the log has no gaps and keeps its keys.
SELECT plan(60);

SELECT is(outcome(format(change, name)), '42501', format(change, name) || ' is refused to a superuser')
FROM unnest(ARRAY['slip', 'entry', 'event', 'checkpoint']) AS name,
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
SELECT refused(event(2, type => ''), 'event_type_check', 'of a letter at least');
SELECT refused(event(2, type => repeat('a', 41)), 'event_type_check', 'and of 40 at most');
SELECT refused(event(2, key => 'k 1', request => repeat('0', 64)), 'event_idempotency_key_check',
    'a key has no blanks');
SELECT refused(event(2, key => '', request => repeat('0', 64)), 'event_idempotency_key_check',
    'a key is not empty');
SELECT refused(event(2, key => repeat('k', 65), request => repeat('0', 64)), 'event_idempotency_key_check',
    'and has 64 characters at most');
SELECT refused(
    event(2, key => 'k1', request => repeat('0', 64)) || event(3, key => 'k' || chr(10), request => repeat('0', 64)),
    'event_idempotency_key_check', 'nor the second of two');
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

-- The tree over the log: its nodes with the head, its tiles, its checkpoints.
SELECT is(outcome(change), '42501', change || ' is refused to a superuser')
FROM unnest(ARRAY[
    'DELETE FROM log_tile', 'TRUNCATE log_tile', 'DELETE FROM log_key', 'TRUNCATE log_key CASCADE',
    'UPDATE log_key SET created_at = now()'
]) AS change;
SELECT refused('UPDATE store_head SET event_seq = 2', 'store_head_frontier', 'a node for each bit of the size');
SELECT accepted('UPDATE store_head SET event_seq = 3, frontier = frontier || frontier WHERE store_id = 1',
    'so many they are');

INSERT INTO event (store_id, seq, at, type, actor, record, leaf_hash)
SELECT 1, seq, now(), 'tick', 'system', '', sha256(seq::text::bytea) FROM generate_series(2, 600) AS seq;

CREATE FUNCTION tile(hashes integer, level integer DEFAULT 1, tile bigint DEFAULT 0, text text DEFAULT 'ab')
RETURNS text LANGUAGE sql AS $$
SELECT format('INSERT INTO log_tile AS t VALUES (1, %s, %s, decode(repeat(%L, 32 * %s), ''hex''))
    ON CONFLICT (store_id, level, tile) DO UPDATE SET hashes = t.hashes || excluded.hashes;',
    level, tile, text, hashes)
$$;
SELECT accepted(tile(2), 'a tile holds what the log completes');
SELECT refused(tile(1), 'log_tile_follows', 'not less');
SELECT refused(tile(3), 'log_tile_follows', 'nor more');
SELECT refused(tile(1, tile => 1), 'log_tile_follows', 'nor elsewhere');
SELECT refused(tile(1, level => 2), 'log_tile_follows', 'nor higher up');
SELECT refused(tile(1, level => 0), 'log_tile_level_check', 'the leaves are in the events');
SELECT refused(tile(2) || tile(1), 'log_tile_follows', 'no hash comes twice');
SELECT refused(tile(2) || 'UPDATE log_tile SET hashes = decode(repeat(''cd'', 64), ''hex'')', 'log_tile_grows',
    'what is there stays');
SELECT refused(tile(2) || 'UPDATE log_tile SET hashes = ''\xab''', 'log_tile_hashes_check', 'hashes are whole');

SELECT log_tree_build(ARRAY[1]);
SELECT is(event_seq, 600::bigint, 'a tree is built for a log that was there before') FROM store_head WHERE store_id = 1;
SELECT is(length(frontier), 4 * 32, 'with a node for each bit') FROM store_head WHERE store_id = 1;
SELECT is(substring(frontier FROM 97), (
    SELECT sha256('\x01' || sha256('\x01' || sha256('\x01' || a || b) || sha256('\x01' || c || d))
        || sha256('\x01' || sha256('\x01' || e || f) || sha256('\x01' || g || h)))
    FROM (SELECT array_agg(leaf_hash ORDER BY seq) AS l FROM event WHERE seq > 592) AS last,
        LATERAL (SELECT l[1] a, l[2] b, l[3] c, l[4] d, l[5] e, l[6] f, l[7] g, l[8] h) AS leaf
), 'the last of which is that of the last eight leaves') FROM store_head WHERE store_id = 1;
SELECT is(length(hashes), 64, 'and its tiles') FROM log_tile;
SELECT lives_ok('SELECT log_tree_build(ARRAY[1])', 'building again changes nothing');

CREATE FUNCTION checkpoint(size bigint, store integer DEFAULT 1, bytes integer DEFAULT 32)
RETURNS text LANGUAGE sql AS $$
SELECT format('INSERT INTO log_key (public_key, created_at) VALUES (decode(repeat(''ab'', %s), ''hex''), now());
    INSERT INTO checkpoint SELECT %s, %s, key_id, public_key, now(), ''note'' FROM log_key', bytes, store, size)
$$;
SELECT accepted(checkpoint(600), 'a checkpoint at the end of the log');
SELECT accepted(checkpoint(0, store => 0), 'or of a log of nothing');
SELECT refused(checkpoint(601), 'checkpoint_within_log', 'not beyond it');
SELECT refused(checkpoint(0, store => 9), 'checkpoint_within_log', 'nor of no log');
SELECT refused(checkpoint(600, bytes => 31), 'log_key_public_key_check', 'a key has 32 bytes');

SELECT * FROM finish();
