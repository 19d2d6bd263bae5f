-- The newest checkpoint of a log, and when it was signed, as HTTP writes it.
SELECT note, to_char(at AT TIME ZONE 'UTC', 'Dy, DD Mon YYYY HH24:MI:SS "GMT"')
FROM checkpoint
WHERE store_id = $1::integer
ORDER BY size DESC, key_id DESC
LIMIT 1
