-- The batch's events; $10 is its time. Once it commits, every process is told $9: which logs grew, from
-- where to where.
WITH added AS (
    INSERT INTO event
        (store_id, seq, type, actor, record, leaf_hash, idempotency_key, request_hash, at)
    SELECT e.*, $10::timestamptz
    FROM unnest(
        $1::integer[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::text[],
        $8::bytea[]
    ) AS e
)
SELECT pg_notify('taizhang_event', grown) FROM unnest($9::text[]) AS grown
