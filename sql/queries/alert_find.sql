-- Whose alert $1 is.
SELECT a.store_id, s.code, i.code
FROM alert AS a
JOIN store AS s USING (store_id)
JOIN item AS i USING (item_id)
WHERE a.alert_id = $1::bigint
