-- What a file's rows may name: the items with their packs, and whether the store has moved them.
SELECT item.code, item.name_zh, item.name_en, item.unit, item.unit_en,
    coalesce(ledger.entry_seq, 0) > 0,
    (SELECT json_object_agg(pack.name, pack.quantity) FROM pack WHERE pack.item_id = item.item_id)
FROM item
LEFT JOIN ledger ON ledger.store_id = $1::integer AND ledger.item_id = item.item_id
ORDER BY item.item_id
