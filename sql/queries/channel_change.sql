-- User $1 changes channel $2; NULL leaves a thing as it is. $4 is what is shown of the address, $5 the
-- rest of it; $6: the secret becomes $7.
WITH mine AS (
    SELECT c AS old FROM channel AS c
    WHERE channel_id = $2::integer AND removed_at IS NULL
        AND keeps_channel($1::integer, place_id, owner_id)
    FOR NO KEY UPDATE
), changed AS (
    UPDATE channel AS c SET
        name = coalesce($3::text, name),
        address = coalesce($4::text, address),
        sealed_address = CASE WHEN $4::text IS NULL THEN sealed_address ELSE $5::bytea END,
        sealed_secret = CASE WHEN $6::boolean THEN $7::bytea ELSE sealed_secret END,
        language = coalesce($8::text, language),
        enabled = coalesce($9::boolean, enabled)
    FROM mine
    WHERE c.channel_id = (old).channel_id
    RETURNING c AS new, ARRAY_REMOVE(ARRAY[
        CASE WHEN $4::text IS NOT NULL THEN 'address' END,
        CASE WHEN $9 <> (old).enabled THEN 'enabled' END,
        CASE WHEN $8 <> (old).language THEN 'language' END,
        CASE WHEN $3 <> (old).name THEN 'name' END,
        CASE WHEN $6 THEN 'secret' END
    ], NULL) AS what
)
SELECT CASE WHEN mine IS NULL THEN 'not_found' END,
    CASE WHEN what = '{}' THEN body END, CASE WHEN what <> '{}' THEN body END
FROM (SELECT) AS always
LEFT JOIN (mine CROSS JOIN changed) ON true,
LATERAL (SELECT channel_settings(new) || jsonb_build_object('changed', what)) AS b (body)
