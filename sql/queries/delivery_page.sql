-- What was sent, or waits to be, over the channels that user $1 keeps, or over channel $4 of these.
SELECT page.*, asked.channel_id AS "page.channel"
FROM (
    SELECT NULL::integer AS channel_id WHERE $4::text IS NULL
    UNION ALL
    SELECT channel_id FROM channel
    WHERE channel_id = CASE WHEN $4 ~ '^[1-9][0-9]{0,8}$' THEN $4::integer END
        AND removed_at IS NULL AND keeps_channel($1::integer, place_id, owner_id)
) AS asked
LEFT JOIN LATERAL (
    SELECT
        m.id, m.channel_id AS channel, c.name AS channel_name, m.kind, m.created_at, m.status,
        m.attempts, m.next_attempt_at, m.delivered_at, m.last_error, m.notices,
        m.message_id AS cursor
    FROM message AS m
    JOIN channel AS c USING (channel_id)
    WHERE (m.channel_id = asked.channel_id OR asked.channel_id IS NULL AND m.channel_id IN (
            SELECT channel_id FROM channel
            WHERE removed_at IS NULL AND keeps_channel($1::integer, place_id, owner_id)
        ))
        AND ($3::bigint IS NULL
            OR m.message_id < $3) -- keyset
        AND ($5::text IS NULL OR m.status = $5)
    ORDER BY m.message_id DESC -- keyset
    LIMIT $2::integer
) AS page ON true
ORDER BY page.cursor DESC -- keyset
