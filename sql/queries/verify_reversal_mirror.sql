-- Reversals that do not undo exactly what the slip did to each lot.
SELECT f.store_id,
    slip_number((SELECT code FROM store WHERE store_id = f.store_id), r.kind, r.business_date, r.serial)
        || ' ' || (SELECT code FROM item WHERE item_id = f.item_id) AS place,
    undone AS found, -done AS expected, count(*) OVER () AS faults
FROM (
    SELECT r.store_id, r.event_seq, e.item_id, e.lot_seq,
        coalesce(sum(e.quantity) FILTER (WHERE e.event_seq = r.event_seq), 0) AS undone,
        coalesce(sum(e.quantity) FILTER (WHERE e.event_seq = r.reverses), 0) AS done
    FROM slip AS r
    JOIN entry AS e ON e.store_id = r.store_id AND e.event_seq IN (r.event_seq, r.reverses)
    WHERE r.store_id = ANY ($1::integer[]) AND r.reverses IS NOT NULL
    GROUP BY r.store_id, r.event_seq, e.item_id, e.lot_seq
) AS f
JOIN slip AS r USING (store_id, event_seq)
WHERE undone + done <> 0
ORDER BY f.store_id, event_seq, f.item_id, lot_seq
LIMIT 1
