-- Refusals decided against the stock, for whoever retries with the key; $6 is the batch's time.
INSERT INTO refusal (store_id, idempotency_key, request_hash, status, problem, at)
SELECT r.*, $6::timestamptz
FROM unnest($1::integer[], $2::text[], $3::bytea[], $4::integer[], $5::text[]) AS r
