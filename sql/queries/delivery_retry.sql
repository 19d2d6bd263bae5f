-- User $1 has message $2 sent again, if it was given up; and given up again after $3 ms.
WITH mine AS (
    SELECT m.message_id
    FROM message AS m JOIN channel AS c USING (channel_id)
    WHERE m.id = CASE
            WHEN $2::text ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN $2::uuid
        END
        AND removed_at IS NULL AND keeps_channel($1::integer, place_id, owner_id)
), again AS (
    UPDATE message AS m SET
        status = 'waiting', next_attempt_at = now(),
        give_up_at = now() + $3::bigint * interval '1 millisecond'
    FROM mine
    WHERE m.message_id = mine.message_id AND status = 'dead'
    RETURNING m.message_id, m.status, m.next_attempt_at
)
SELECT CASE WHEN m IS NULL THEN 'not_found' END, json_build_object(
    'id', m.id, 'channel', m.channel_id, 'channel_name', c.name, 'kind', m.kind,
    'created_at', m.created_at, 'status', coalesce(again.status, m.status), 'attempts', m.attempts,
    'next_attempt_at', coalesce(again.next_attempt_at, m.next_attempt_at),
    'delivered_at', m.delivered_at, 'last_error', m.last_error, 'notices', m.notices), NULL
FROM (SELECT) AS always
LEFT JOIN (
    mine JOIN message AS m USING (message_id) JOIN channel AS c USING (channel_id)
    LEFT JOIN again USING (message_id)
) ON true
