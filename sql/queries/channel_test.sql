-- Somebody tests channel $1: at most once in $2 ms, and what else is to be sent waits for so long, too.
-- Gives the seconds to wait, 0: go ahead; and the time, in microseconds of 1970 and as text.
WITH asked AS (
    SELECT channel_id, greatest(
        0, ceil(extract(epoch FROM tested_at - now()) + $2::bigint / 1000.0)) AS wait
    FROM (SELECT channel_id, greatest(tested_at, now() - interval '1 day') AS tested_at
        FROM channel WHERE channel_id = $1::integer FOR NO KEY UPDATE) AS c
), taken AS (
    UPDATE channel AS c SET
        tested_at = now(),
        free_at = greatest(free_at, now() + $2 * interval '1 millisecond')
    FROM asked
    WHERE c.channel_id = asked.channel_id AND wait = 0
)
SELECT wait, (extract(epoch FROM now()) * 1000000)::bigint, to_json(now()) #>> '{}' FROM asked
