-- In how many ms there is something to do again, where notices wait for $1 ms; NULL: only once somebody
-- says so.
SELECT ceil(extract(epoch FROM min(greatest(due, now())) - now()) * 1000)::bigint
FROM (
    SELECT greatest(free_at, since + $1::bigint * interval '1 millisecond') AS due FROM outbox_told
    UNION ALL
    SELECT greatest(c.free_at, m.next_attempt_at)
    FROM message AS m JOIN channel AS c USING (channel_id)
    WHERE m.status = 'waiting' AND c.enabled AND c.removed_at IS NULL
) AS waiting
