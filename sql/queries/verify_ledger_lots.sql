-- Ledgers whose lots do not add up to their balance, or that count fewer lots than they have had.
SELECT store_id, (SELECT code FROM item WHERE item_id = f.item_id) AS place,
    format('%s / %s', held, last_lot) AS found,
    format('%s / ≤ %s', balance, lot_count) AS expected,
    count(*) OVER () AS faults
FROM (
    SELECT l.store_id, l.item_id, l.balance, l.lot_count,
        coalesce(sum(lot.balance), 0) AS held, coalesce(max(lot.lot_seq), 0) AS last_lot
    FROM ledger AS l
    LEFT JOIN lot USING (store_id, item_id)
    WHERE l.store_id = ANY ($1::integer[])
    GROUP BY l.store_id, l.item_id
) AS f
WHERE held <> balance OR last_lot > lot_count
ORDER BY store_id, item_id
LIMIT 1
