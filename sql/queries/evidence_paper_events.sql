-- A log's first records, in order.
SELECT seq, record
FROM event
WHERE store_id = $1::integer AND seq <= $2::bigint
ORDER BY seq
