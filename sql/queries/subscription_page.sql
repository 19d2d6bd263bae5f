-- What the channels that user $1 keeps are told of; of channel $4, of place $5 only.
SELECT
    s.subscription_id AS id, s.channel_id AS channel, c.name AS channel_name, p.code AS place,
    s.cause, s.told AS "on", s.created_at, s.subscription_id AS cursor
FROM subscription AS s
JOIN channel AS c USING (channel_id)
JOIN place AS p ON p.place_id = s.place_id
WHERE keeps_channel($1::integer, c.place_id, c.owner_id)
    AND ($3::bigint IS NULL
        OR s.subscription_id < $3) -- keyset
    AND ($4::text IS NULL OR s.channel_id::text = $4)
    AND ($5::text IS NULL OR p.code = $5)
ORDER BY s.subscription_id DESC -- keyset
LIMIT $2::integer
