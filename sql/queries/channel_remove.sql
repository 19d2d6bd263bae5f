-- User $1 removes channel $2: what it was told of, its secrets, and what still waited for it.
WITH mine AS (
    SELECT c AS old, channel_id FROM channel AS c
    WHERE channel_id = $2::integer AND removed_at IS NULL
        AND keeps_channel($1::integer, place_id, owner_id)
    FOR NO KEY UPDATE
), removed AS (
    UPDATE channel AS c SET removed_at = now(), sealed_address = NULL, sealed_secret = NULL
    FROM mine
    WHERE c.channel_id = mine.channel_id
), silenced AS (
    DELETE FROM subscription AS s USING mine WHERE s.channel_id = mine.channel_id
), untold AS (
    DELETE FROM notice AS n USING mine WHERE n.channel_id = mine.channel_id AND message_id IS NULL
), given_up AS (
    UPDATE message AS m SET
        status = 'dead', next_attempt_at = NULL, last_error = 'the channel was removed'
    FROM mine
    WHERE m.channel_id = mine.channel_id AND status = 'waiting'
)
SELECT CASE WHEN mine IS NULL THEN 'not_found' END, NULL, channel_settings(old)
FROM (SELECT) AS always LEFT JOIN mine ON true
