-- Ledgers with more than one open alert for one cause.
SELECT store_id, format('%s %s', (SELECT code FROM item WHERE item_id = f.item_id), cause) AS place,
    open AS found, '≤ 1' AS expected, count(*) OVER () AS faults
FROM (
    SELECT store_id, item_id, cause, count(*) AS open
    FROM alert
    WHERE store_id = ANY ($1::integer[]) AND closed_at IS NULL
    GROUP BY store_id, item_id, cause
) AS f
WHERE open > 1
ORDER BY store_id, item_id, cause
LIMIT 1
