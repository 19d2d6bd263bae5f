-- Checkpoints signed by key $5. One that another process made meanwhile is the same.
INSERT INTO checkpoint (store_id, size, root, note, key_id, at)
SELECT c.*, $5::integer, clock_timestamp()
FROM unnest($1::integer[], $2::bigint[], $3::bytea[], $4::text[]) AS c
ON CONFLICT (store_id, size, key_id) DO NOTHING
