-- Alerts that the batch changed; $16 is its time. A sequence says that it took the step: re-armed
-- ($4; what came before of the rest is void then), acknowledged, snoozed, escalated.
UPDATE alert AS a
SET closed_seq = w.closed_seq,
    closed_at = CASE WHEN w.closed_seq IS NOT NULL THEN $16::timestamptz END,
    armed_seq = coalesce(w.armed_seq, a.armed_seq),
    armed_at = CASE WHEN w.armed_seq IS NULL THEN a.armed_at ELSE $16::timestamptz END,
    armed_on_hand = w.armed_on_hand,
    (acknowledged_seq, acknowledged_by, acknowledged_note, acknowledged_at) = (
        SELECT w.acknowledged_seq, w.acknowledged_by, w.acknowledged_note, $16::timestamptz
        WHERE w.acknowledged_seq IS NOT NULL
        UNION ALL
        SELECT a.acknowledged_seq, a.acknowledged_by, a.acknowledged_note, a.acknowledged_at
        WHERE w.acknowledged_seq IS NULL AND w.armed_seq IS NULL
    ),
    (snoozed_seq, snoozed_by, snoozed_until, snooze_reason) = (
        SELECT w.snoozed_seq, w.snoozed_by, w.snoozed_until, w.snooze_reason
        WHERE w.snoozed_seq IS NOT NULL
        UNION ALL
        SELECT a.snoozed_seq, a.snoozed_by, a.snoozed_until, a.snooze_reason
        WHERE w.snoozed_seq IS NULL AND w.armed_seq IS NULL
    ),
    (escalated_seq, escalated_to, escalation, escalated_at) = (
        SELECT w.escalated_seq, w.escalated_to, w.escalation, $16::timestamptz
        WHERE w.escalated_seq IS NOT NULL
        UNION ALL
        SELECT a.escalated_seq, a.escalated_to, a.escalation, a.escalated_at
        WHERE w.escalated_seq IS NULL AND w.armed_seq IS NULL
        UNION ALL
        SELECT NULL, NULL, 0, NULL WHERE w.escalated_seq IS NULL AND w.armed_seq IS NOT NULL
    )
FROM unnest(
    $1::integer[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
    $7::integer[], $8::text[], $9::bigint[], $10::integer[], $11::date[], $12::text[],
    $13::bigint[], $14::integer[], $15::integer[]
) AS w (
    store_id, alert_id, closed_seq, armed_seq, armed_on_hand, acknowledged_seq,
    acknowledged_by, acknowledged_note, snoozed_seq, snoozed_by, snoozed_until, snooze_reason,
    escalated_seq, escalated_to, escalation
)
WHERE a.alert_id = w.alert_id AND a.store_id = w.store_id
