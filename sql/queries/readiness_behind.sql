-- Stores at or below place $1 (NULL: all) whose readiness is not their place's.
SELECT s.store_id, p.code, p.readiness
FROM store AS s
JOIN place AS p USING (place_id)
JOIN store_head AS h USING (store_id)
WHERE h.readiness <> p.readiness AND ($1::integer IS NULL OR p.path @> ARRAY[$1::integer])
ORDER BY s.store_id
