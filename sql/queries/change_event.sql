-- Append an event to the system's log.
WITH head AS (
    UPDATE store_head SET event_seq = $1::bigint WHERE store_id = 0
)
INSERT INTO event
    (store_id, seq, at, type, actor, record, leaf_hash, idempotency_key, request_hash)
VALUES (0, $1::bigint, $2::timestamptz, $3::text, $4::text, $5::text, $6::bytea, $7::text, $8::bytea)
