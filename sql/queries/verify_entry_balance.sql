-- Entries whose balance is not the one before plus their quantity.
SELECT store_id, format('%s #%s', (SELECT code FROM item WHERE item_id = f.item_id), seq) AS place,
    balance_after AS found, due AS expected, count(*) OVER () AS faults
FROM (
    SELECT store_id, item_id, seq, balance_after,
        coalesce(lag(balance_after) OVER ledger, 0) + quantity AS due
    FROM entry
    WHERE store_id = ANY ($1::integer[])
    WINDOW ledger AS (PARTITION BY store_id, item_id ORDER BY seq)
) AS f
WHERE balance_after <> due
ORDER BY store_id, item_id, seq
LIMIT 1
