-- The newest checkpoint of a log.
SELECT note FROM checkpoint
WHERE store_id = $1::integer
ORDER BY size DESC, key_id DESC
LIMIT 1
