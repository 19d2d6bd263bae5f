-- The batch's events; $9 is its time. Once it commits, every process is told which logs grew, from
-- where to where.
WITH added AS (
    INSERT INTO event
        (store_id, seq, type, actor, record, leaf_hash, idempotency_key, request_hash, at)
    SELECT e.*, $9::timestamptz
    FROM unnest(
        $1::integer[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::text[],
        $8::bytea[]
    ) AS e
    RETURNING store_id, seq
)
SELECT pg_notify('taizhang_event', string_agg(format('%s:%s-%s', store_id, first, last), ' '))
FROM (
    SELECT store_id, min(seq) AS first, max(seq) AS last, row_number() OVER () AS n
    FROM added GROUP BY store_id
) AS grown
GROUP BY n / 100  -- a message holds less than 8000 bytes
