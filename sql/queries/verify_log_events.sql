-- A store's log, in order. The columns from the third on are what the record's members of those
-- names must say; they stand in the order of canonical JSON.
SELECT seq AS event_seq, leaf_hash, record, actor, at, seq, $2::text AS store, type
FROM event
WHERE store_id = $1::integer
ORDER BY event_seq
