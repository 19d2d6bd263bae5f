-- What was done under an idempotency key, and whether the same was asked.
SELECT record, request_hash = $2::bytea
FROM event WHERE store_id = 0 AND idempotency_key = $1::text
