-- A log's checkpoints, in the order of the log.
SELECT size, key_id, encode(root, 'hex'), note FROM checkpoint
WHERE store_id = $1::integer
ORDER BY size, key_id
