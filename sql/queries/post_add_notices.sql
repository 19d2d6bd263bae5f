-- What the batch's steps of alerts are to be told, a notice for each channel that is told of such; $7 is
-- the batch's time. Once it commits, every process is told that there is something to send.
WITH added AS (
    INSERT INTO notice (channel_id, at, kind, store_id, opened_seq, event_seq, escalation)
    SELECT told.channel_id, $7::timestamptz, s.kind, s.store_id, s.opened_seq, s.event_seq, s.escalation
    FROM unnest(
        $1::integer[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::integer[]
    ) AS s (store_id, opened_seq, cause, kind, event_seq, escalation)
    CROSS JOIN LATERAL (
        SELECT (SELECT path FROM place WHERE place_id = store.place_id)
        FROM store WHERE store_id = s.store_id OFFSET 0
    ) AS at (path)
    CROSS JOIN LATERAL channels_told(s.kind, s.cause, at.path, s.escalation) AS told (channel_id)
    RETURNING channel_id
)
SELECT pg_notify('taizhang_outbox', '') FROM (SELECT FROM added LIMIT 1) AS told
