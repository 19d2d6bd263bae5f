-- How far the seed has come: the store and the day it was opened, who posts, and whether the last key
-- of the seed was used.
SELECT s.store_id, s.opened_at::date, u.user_id,
    EXISTS (
        SELECT FROM event WHERE store_id = s.store_id AND idempotency_key = $2::text
    )
FROM app_user AS u
LEFT JOIN store AS s ON s.code = $1::text
WHERE u.username = 'system'
