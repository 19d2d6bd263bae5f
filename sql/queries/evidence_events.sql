-- Records of a stretch of a store's log: up to $2, at most $3, after $4.
SELECT record, seq AS cursor
FROM event
WHERE store_id = $1::integer AND seq <= $2::bigint AND seq > $4::bigint
ORDER BY seq
LIMIT $3::integer
