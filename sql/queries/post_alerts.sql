-- The open alerts of the ledgers that a batch touches.
SELECT a.store_id, a.item_id, a.alert_id, a.cause, a.opened_seq, a.on_hand, a.minimum, a.target,
    a.value, a.bound, a.window_days, a.armed_on_hand, a.escalation
FROM unnest($1::integer[], $2::text[]) AS w (store_id, code)
JOIN item AS i USING (code)
JOIN alert AS a ON a.store_id = w.store_id AND a.item_id = i.item_id AND a.closed_at IS NULL
UNION ALL
SELECT a.store_id, a.item_id, a.alert_id, a.cause, a.opened_seq, a.on_hand, a.minimum, a.target,
    a.value, a.bound, a.window_days, a.armed_on_hand, a.escalation
FROM alert AS a
WHERE a.store_id = ANY ($3::integer[]) AND a.closed_at IS NULL
