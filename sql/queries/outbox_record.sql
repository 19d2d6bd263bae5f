-- How attempt $2 at message $1 went: $3 is delivered, failed or refused (it is not worth trying
-- again), $4 why. It is tried again after $5 ms, doubled each time up to an hour, or half as much again,
-- by chance; not before $6 s. The channel's next comes $7 ms after this one began.
WITH mine AS (
    SELECT message_id, channel_id, attempted_at, give_up_at,
        CASE
            WHEN $3::text = 'delivered' THEN 'delivered'
            WHEN $3 = 'refused' OR give_up_at <= now() THEN 'dead'
            ELSE 'waiting'
        END AS outcome,
        now() + greatest(
            least($5::bigint * 2 ^ least($2::integer - 1, 30), 3600000) * (1 + random() / 2),
            $6::bigint * 1000
        ) * interval '1 millisecond' AS again
    FROM message
    WHERE message_id = $1::bigint AND status = 'waiting'
        AND (attempts = $2 OR $3 = 'delivered')  -- else somebody else is at it by now
    FOR NO KEY UPDATE
), told AS (
    UPDATE message AS m SET
        status = outcome,
        delivered_at = CASE outcome WHEN 'delivered' THEN now() END,
        next_attempt_at = CASE outcome WHEN 'waiting' THEN least(again, m.give_up_at) END,
        last_error = CASE outcome WHEN 'delivered' THEN last_error ELSE $4::text END
    FROM mine
    WHERE m.message_id = mine.message_id
), freed AS (
    UPDATE channel AS c SET free_at = attempted_at + $7::bigint * interval '1 millisecond'
    FROM mine
    WHERE c.channel_id = mine.channel_id
)
SELECT outcome FROM mine
