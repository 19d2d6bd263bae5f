-- User $1 has channel $2 told of place $3: of cause $4, when that is $5. A place's channel is told of
-- what lies there or below, a person's of places where they may see alerts.
WITH mine AS (
    SELECT channel_id, place_id, owner_id FROM channel
    WHERE channel_id = $2::integer AND removed_at IS NULL
        AND keeps_channel($1::integer, place_id, owner_id)
), spot AS (
    SELECT p.place_id FROM place AS p, mine
    WHERE code = $3::text
        AND (mine.place_id = ANY (path) OR owner_id IS NOT NULL AND sees_alerts(owner_id, path))
), fault AS (
    SELECT CASE
        WHEN NOT EXISTS (SELECT FROM mine) THEN 'unknown_channel@channel:' || $2::text
        WHEN NOT EXISTS (SELECT FROM spot) THEN 'unknown_place@place:' || $3::text
        WHEN (SELECT count(*) FROM subscription JOIN mine USING (channel_id)) >= 200
            THEN 'too_many:200'
    END AS problem
), added AS (
    INSERT INTO subscription (channel_id, place_id, cause, told)
    SELECT channel_id, spot.place_id, $4::text, $5::text FROM fault, mine, spot WHERE problem IS NULL
    ON CONFLICT DO NOTHING
    RETURNING *
), there AS (
    SELECT * FROM added
    UNION ALL
    SELECT s.* FROM subscription AS s JOIN mine USING (channel_id) JOIN spot ON spot.place_id = s.place_id
    WHERE s.cause IS NOT DISTINCT FROM $4 AND s.told = $5
)
SELECT problem,
    CASE WHEN NOT EXISTS (SELECT FROM added) THEN body END,
    CASE WHEN EXISTS (SELECT FROM added) THEN body END
FROM fault
LEFT JOIN there ON true,
LATERAL (SELECT jsonb_build_object('id', subscription_id, 'channel', $2::integer, 'place', $3::text,
    'cause', $4::text, 'on', $5::text)) AS b (body)
