-- A new channel of user $1, or of place $4 where they coordinate or administer.
WITH spot AS (
    SELECT place_id FROM place WHERE code = $4::text AND keeps_channel($1::integer, place_id, NULL)
), fault AS (
    SELECT CASE
        WHEN $4::text IS NOT NULL AND NOT EXISTS (SELECT FROM spot)
            THEN 'unknown_place@place:' || $4::text
        WHEN $4::text IS NULL AND (
            SELECT count(*) FROM channel WHERE owner_id = $1::integer AND removed_at IS NULL
        ) >= 20 THEN 'too_many:20'
        WHEN (
            SELECT count(*) FROM channel JOIN spot USING (place_id) WHERE removed_at IS NULL
        ) >= 100 THEN 'too_many:100'
    END AS problem
), added AS (
    INSERT INTO channel (
        kind, name, place_id, owner_id, address, sealed_address, sealed_secret, language, enabled
    )
    SELECT
        $2::text, $3::text, place_id, CASE WHEN $4::text IS NULL THEN $1::integer END,
        $5::text, $6::bytea, $7::bytea, $8::text, $9::boolean
    FROM fault LEFT JOIN spot ON true
    WHERE problem IS NULL
    RETURNING *
)
SELECT problem, NULL, channel_settings(added)
FROM fault LEFT JOIN added ON true
