-- The ledgers that a batch touches: of pairs of store and item, and all of some stores.
-- An item without a ledger yet comes with nulls.
WITH wanted AS (
    SELECT w.store_id, i.item_id, i.code
    FROM unnest($1::integer[], $2::text[]) AS w (store_id, code)
    JOIN item AS i USING (code)
    UNION ALL
    SELECT l.store_id, i.item_id, i.code
    FROM ledger AS l
    JOIN item AS i USING (item_id)
    WHERE l.store_id = ANY ($3::integer[])
)
SELECT w.store_id, w.item_id, w.code, l.balance, l.entry_seq, l.lot_count,
    l.normal_minimum, l.normal_target, l.emergency_minimum, l.emergency_target
FROM wanted AS w
LEFT JOIN ledger AS l USING (store_id, item_id)
