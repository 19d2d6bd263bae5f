-- What the slip of store $1, kind $2, business day $3 and serial $4 did, for its reversal.
SELECT s.event_seq, s.reason, s.counterparty, s.receiver, i.code, e.lot_seq, e.quantity
FROM slip AS s
JOIN entry AS e ON e.store_id = s.store_id AND e.event_seq = s.event_seq
JOIN item AS i ON i.item_id = e.item_id
WHERE s.store_id = $1::integer AND s.kind = $2::slip_kind AND s.business_date = $3::date
    AND s.serial = $4::integer
ORDER BY e.line, e.item_id, e.seq
