-- User $1 ends subscription $2.
WITH gone AS (
    DELETE FROM subscription AS s USING channel AS c
    WHERE s.subscription_id = $2::integer AND c.channel_id = s.channel_id
        AND keeps_channel($1::integer, c.place_id, c.owner_id)
    RETURNING s.*
)
SELECT CASE WHEN gone IS NULL THEN 'not_found' END, NULL, jsonb_build_object(
    'id', subscription_id, 'channel', channel_id,
    'place', (SELECT code FROM place WHERE place_id = gone.place_id), 'cause', cause, 'on', told)
FROM (SELECT) AS always LEFT JOIN gone ON true
