-- Messages that wait, or will be made; since how many seconds the oldest does; those given up.
SELECT count(*), coalesce(extract(epoch FROM now() - min(since)), 0), (
    SELECT count(*) FROM message JOIN channel USING (channel_id)
    WHERE status = 'dead' AND removed_at IS NULL
)
FROM (
    SELECT since FROM outbox_told
    UNION ALL
    SELECT m.created_at
    FROM message AS m JOIN channel AS c USING (channel_id)
    WHERE m.status = 'waiting' AND c.enabled AND c.removed_at IS NULL
) AS waiting
