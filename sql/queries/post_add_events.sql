-- The batch's events; $9 is its time.
INSERT INTO event
    (store_id, seq, type, actor, record, leaf_hash, idempotency_key, request_hash, at)
SELECT e.*, $9::timestamptz
FROM unnest(
    $1::integer[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::text[],
    $8::bytea[]
) AS e
