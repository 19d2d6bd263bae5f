-- Takes up to $1 messages that are due, one a channel, for $2 ms: then they are sent again, should
-- nobody have said how it went. Their channels send nothing else meanwhile.
WITH due AS (
    SELECT m.message_id, m.channel_id
    FROM message AS m
    JOIN channel AS c USING (channel_id)
    WHERE m.status = 'waiting' AND c.enabled AND c.removed_at IS NULL AND c.free_at <= now()
        AND m.message_id = (
            SELECT message_id FROM message
            WHERE channel_id = m.channel_id AND status = 'waiting' AND next_attempt_at <= now()
            ORDER BY kind, next_attempt_at, message_id  -- alerts before checkpoints
            LIMIT 1
        )
    ORDER BY m.next_attempt_at
    LIMIT $1::integer
    FOR NO KEY UPDATE SKIP LOCKED
), leased AS (
    UPDATE channel AS c SET free_at = now() + $2::bigint * interval '1 millisecond'
    FROM due
    WHERE c.channel_id = due.channel_id
    RETURNING c.channel_id, c.kind, c.address, c.sealed_address, c.sealed_secret, c.language
), taken AS (
    UPDATE message AS m SET
        attempts = attempts + 1, attempted_at = now(),
        next_attempt_at = now() + $2 * interval '1 millisecond'
    FROM due
    WHERE m.message_id = due.message_id
    RETURNING m.channel_id, m.message_id, m.attempts, m.id, m.created_at, m.kind, m.content
)
SELECT
    message_id, attempts, id, (extract(epoch FROM created_at) * 1000)::bigint, taken.kind, content,
    channel_id, leased.kind, address, sealed_address, sealed_secret, language
FROM taken JOIN leased USING (channel_id)
