-- Entries of a stretch of a store's log, as their table says, in the order of the slips' lines: up to
-- $2, at most $3, after the one of event $4, line $5, sequence $6 and item $7.
SELECT
    e.event_seq,
    concat(store.code, CASE s.kind WHEN 'in' THEN '-RK-' ELSE '-CK-' END,
        to_char(s.business_date, 'YYYYMMDD'), '-',
        lpad(s.serial::text, greatest(4, length(s.serial::text)), '0')) AS slip,
    e.line, e.business_date, CASE WHEN e.quantity > 0 THEN 'in' ELSE 'out' END AS kind,
    item.code AS item, e.seq AS ledger_seq,
    greatest(e.quantity, 0) AS quantity_in, greatest(-e.quantity, 0) AS quantity_out,
    e.balance_after, nullif(lot.lot, '') AS lot, nullif(lot.expires, 'infinity') AS expires,
    e.pack_quantity, e.pack,
    e.event_seq AS cursor, e.line, e.seq, e.item_id
FROM entry AS e
JOIN store USING (store_id)
LEFT JOIN slip AS s ON s.store_id = e.store_id AND s.event_seq = e.event_seq
LEFT JOIN item ON item.item_id = e.item_id
LEFT JOIN lot
    ON lot.store_id = e.store_id AND lot.item_id = e.item_id AND lot.lot_seq = e.lot_seq
WHERE e.store_id = $1::integer AND e.event_seq <= $2::bigint AND e.event_seq >= $4::bigint
    AND (e.event_seq, e.line, e.seq, e.item_id) > ($4, $5::smallint, $6::bigint, $7::integer)
ORDER BY e.event_seq, e.line, e.seq, e.item_id
LIMIT $3::integer
