-- A store's entries in the order of its log. The columns from the fourth on are what the members of
-- those names in the slip's lines must say; they stand in the order of canonical JSON.
SELECT e.event_seq, e.business_date, CASE WHEN e.quantity > 0 THEN 'in' ELSE 'out' END AS kind,
    e.balance_after, nullif(lot.expires, 'infinity') AS expires, item.code AS item,
    e.seq AS ledger_seq, e.line::integer, nullif(lot.lot, '') AS lot, e.pack, e.pack_quantity,
    abs(e.quantity) AS quantity
FROM entry AS e
LEFT JOIN item USING (item_id)
LEFT JOIN lot USING (store_id, item_id, lot_seq)
WHERE e.store_id = $1::integer
ORDER BY e.event_seq, e.line, e.seq
