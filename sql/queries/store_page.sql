-- The stores at the places granted ($1) and below.
SELECT
    s.code, p.code AS place, s.name_zh, s.name_en, h.readiness, s.opened_at,
    s.store_id AS cursor
FROM store AS s
JOIN place AS p USING (place_id)
JOIN store_head AS h USING (store_id)
WHERE p.path && $1::integer[]
    AND ($3::bigint IS NULL
        OR s.store_id < $3) -- keyset
ORDER BY s.store_id DESC -- keyset
LIMIT $2::integer
