-- The lots that a batch touches: all with stock, and the empty ones it names by number or sequence.
SELECT l.store_id, l.item_id, l.lot_seq, l.lot, l.expires, l.balance
FROM unnest($1::integer[], $2::text[]) AS w (store_id, code)
JOIN item AS i USING (code)
JOIN lot AS l ON l.store_id = w.store_id AND l.item_id = i.item_id AND l.open
UNION ALL
SELECT l.store_id, l.item_id, l.lot_seq, l.lot, l.expires, l.balance
FROM unnest($3::integer[], $4::text[], $5::text[]) AS w (store_id, code, lot)
JOIN item AS i USING (code)
JOIN lot AS l ON l.store_id = w.store_id AND l.item_id = i.item_id AND l.lot = w.lot AND NOT l.open
UNION ALL
SELECT l.store_id, l.item_id, l.lot_seq, l.lot, l.expires, l.balance
FROM unnest($6::integer[], $7::text[], $8::integer[]) AS w (store_id, code, lot_seq)
JOIN item AS i USING (code)
JOIN lot AS l
    ON l.store_id = w.store_id AND l.item_id = i.item_id AND l.lot_seq = w.lot_seq AND NOT l.open
