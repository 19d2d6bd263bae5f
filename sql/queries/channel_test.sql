-- Somebody tests channel $1: at most once in $2 ms, and what else is to be sent waits for so long, too.
-- Gives the seconds to wait, 0: go ahead.
WITH asked AS (
    SELECT channel_id, tested_at + $2::bigint * interval '1 millisecond' AS again
    FROM channel WHERE channel_id = $1::integer
    FOR NO KEY UPDATE
), taken AS (
    UPDATE channel AS c SET
        tested_at = now(),
        free_at = greatest(free_at, now() + $2 * interval '1 millisecond')
    FROM asked
    WHERE c.channel_id = asked.channel_id AND again <= now()
)
SELECT greatest(0, ceil(extract(epoch FROM again - now())))::integer FROM asked WHERE isfinite(again)
UNION ALL
SELECT 0 FROM asked WHERE NOT isfinite(again)
