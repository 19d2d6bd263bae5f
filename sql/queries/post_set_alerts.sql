-- Alerts that the batch closed or acknowledged; $6 is its time.
UPDATE alert AS a
SET closed_seq = w.closed_seq,
    closed_at = CASE WHEN w.closed_seq IS NOT NULL THEN $6::timestamptz END,
    acknowledged_by = coalesce(w.actor_id, a.acknowledged_by),
    acknowledged_note = CASE WHEN w.actor_id IS NULL THEN a.acknowledged_note ELSE w.note END,
    acknowledged_at = CASE WHEN w.actor_id IS NULL THEN a.acknowledged_at ELSE $6::timestamptz END
FROM unnest($1::integer[], $2::bigint[], $3::bigint[], $4::integer[], $5::text[])
    AS w (store_id, alert_id, closed_seq, actor_id, note)
WHERE a.alert_id = w.alert_id AND a.store_id = w.store_id
