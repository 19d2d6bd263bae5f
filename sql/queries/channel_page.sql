-- The channels that user $1 keeps: their own, and those of places where they coordinate or administer;
-- of place $4 only. last_error: why the last of those that wait or were given up was not delivered.
SELECT
    c.channel_id AS id, c.kind, c.name, p.code AS place,
    (SELECT username FROM app_user WHERE user_id = c.owner_id) AS owner,
    c.address, c.sealed_secret IS NOT NULL AS has_secret, c.language, c.enabled,
    (
        SELECT count(*) FROM message WHERE channel_id = c.channel_id AND status = 'waiting'
    ) + EXISTS (
        SELECT FROM notice WHERE channel_id = c.channel_id AND message_id IS NULL
    )::integer AS waiting,
    (SELECT count(*) FROM message WHERE channel_id = c.channel_id AND status = 'dead') AS dead,
    (
        SELECT max(delivered_at) FROM message
        WHERE channel_id = c.channel_id AND status = 'delivered'
    ) AS last_delivered_at,
    (
        SELECT last_error FROM message
        WHERE channel_id = c.channel_id AND status IN ('waiting', 'dead') AND last_error IS NOT NULL
        ORDER BY attempted_at DESC NULLS LAST LIMIT 1
    ) AS last_error,
    c.channel_id AS cursor
FROM channel AS c
LEFT JOIN place AS p USING (place_id)
WHERE c.removed_at IS NULL AND keeps_channel($1::integer, c.place_id, c.owner_id)
    AND ($3::bigint IS NULL
        OR c.channel_id < $3) -- keyset
    AND ($4::text IS NULL OR p.code = $4)
ORDER BY c.channel_id DESC -- keyset
LIMIT $2::integer
