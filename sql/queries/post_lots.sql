-- The lots that a batch touches: all with stock, and the empty ones it names by number or sequence.
-- (OFFSET 0 has each ledger's looked up by itself, not those of all the store.)
SELECT w.store_id, i.item_id, l.lot_seq, l.lot, l.expires, l.balance
FROM unnest($1::integer[], $2::text[]) AS w (store_id, code)
JOIN item AS i USING (code)
CROSS JOIN LATERAL (
    SELECT lot_seq, lot, expires, balance FROM lot
    WHERE store_id = w.store_id AND item_id = i.item_id AND open
    OFFSET 0
) AS l
UNION ALL
SELECT w.store_id, i.item_id, l.lot_seq, l.lot, l.expires, l.balance
FROM unnest($3::integer[], $4::text[], $5::text[]) AS w (store_id, code, lot)
JOIN item AS i USING (code)
CROSS JOIN LATERAL (
    SELECT lot_seq, lot, expires, balance FROM lot
    WHERE store_id = w.store_id AND item_id = i.item_id AND lot = w.lot AND NOT open
    OFFSET 0
) AS l
UNION ALL
SELECT w.store_id, i.item_id, l.lot_seq, l.lot, l.expires, l.balance
FROM unnest($6::integer[], $7::text[], $8::integer[]) AS w (store_id, code, lot_seq)
JOIN item AS i USING (code)
CROSS JOIN LATERAL (
    SELECT lot_seq, lot, expires, balance FROM lot
    WHERE store_id = w.store_id AND item_id = i.item_id AND lot_seq = w.lot_seq AND NOT open
    OFFSET 0
) AS l
