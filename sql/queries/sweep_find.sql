-- Ledgers behind ($1, $2) in their order that the time has come for, $3 at most.
SELECT w.store_id, w.item_id, i.code
FROM (
    SELECT f.store_id, f.item_id
    FROM alert_fact AS f
    LEFT JOIN alert AS a
        ON a.store_id = f.store_id AND a.item_id = f.item_id AND a.cause = f.cause
        AND a.closed_at IS NULL
    WHERE CASE WHEN a.alert_id IS NULL THEN f.due ELSE NOT f.stays END
    UNION
    SELECT store_id, item_id FROM alert_clock
) AS w
JOIN item AS i USING (item_id)
WHERE (w.store_id, w.item_id) > ($1::integer, $2::integer)
ORDER BY w.store_id, w.item_id
LIMIT $3::integer
