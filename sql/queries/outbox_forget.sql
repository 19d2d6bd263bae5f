-- Forgets messages $1 days after they were last tried, and gives up those of channels that are off.
WITH off AS (
    SELECT channel_id FROM channel WHERE NOT enabled OR removed_at IS NOT NULL
), never AS (
    DELETE FROM notice AS n USING off
    WHERE n.channel_id = off.channel_id AND n.message_id IS NULL AND n.at < now() - interval '1 day'
), given_up AS (
    UPDATE message AS m SET
        status = 'dead', next_attempt_at = NULL,
        last_error = coalesce(last_error, 'the channel is off')
    FROM off
    WHERE m.channel_id = off.channel_id AND m.status = 'waiting' AND m.give_up_at < now()
)
DELETE FROM message WHERE message_id IN (
    SELECT message_id FROM message
    WHERE status <> 'waiting' AND created_at < now() - make_interval(days => $1::integer)
        AND coalesce(attempted_at, created_at) < now() - make_interval(days => $1)
    LIMIT 10000
)
