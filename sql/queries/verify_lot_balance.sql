-- Lots that do not hold what their entries add up to.
SELECT store_id,
    format('%s %s %s', (SELECT code FROM item WHERE item_id = f.item_id), '批次 lot',
        coalesce(nullif(lot, ''), '#' || lot_seq)) AS place,
    coalesce(balance::text, '–') AS found, due AS expected, count(*) OVER () AS faults
FROM (
    SELECT store_id, item_id, lot_seq, lot, balance, coalesce(due, 0) AS due
    FROM (
        SELECT store_id, item_id, lot_seq, lot, balance FROM lot
        WHERE store_id = ANY ($1::integer[])
    ) AS l
    FULL JOIN (
        SELECT store_id, item_id, lot_seq, sum(quantity) AS due FROM entry
        WHERE store_id = ANY ($1::integer[]) GROUP BY store_id, item_id, lot_seq
    ) AS e USING (store_id, item_id, lot_seq)
) AS f
WHERE balance IS DISTINCT FROM due::bigint
ORDER BY store_id, item_id, lot_seq
LIMIT 1
