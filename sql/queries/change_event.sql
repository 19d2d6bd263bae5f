-- Append an event to the system's log, whose tree then is $9. Once it commits, every process is told,
-- as somebody may have lost what they had; whoever signs in has not.
WITH head AS (
    UPDATE store_head SET event_seq = $1::bigint, frontier = $9::bytea WHERE store_id = 0
), added AS (
    INSERT INTO event
        (store_id, seq, at, type, actor, record, leaf_hash, idempotency_key, request_hash)
    VALUES (0, $1, $2::timestamptz, $3::text, $4::text, $5::text, $6::bytea, $7::text, $8::bytea)
)
SELECT pg_notify('taizhang_event', format('0:%s-%s', $1, $1))
WHERE $3 NOT IN ('sign_in', 'sign_in_refused')
