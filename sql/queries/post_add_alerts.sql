-- Alerts that the batch opened (and perhaps re-armed or closed again); $15 is its time.
INSERT INTO alert (
    store_id, item_id, cause, opened_seq, opened_by_slip, on_hand, minimum, target, value, bound,
    window_days, armed_seq, armed_on_hand, closed_seq, opened_at, armed_at, closed_at
)
SELECT a.*, $15::timestamptz, $15::timestamptz,
    CASE WHEN a.closed_seq IS NOT NULL THEN $15::timestamptz END
FROM unnest(
    $1::integer[], $2::integer[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
    $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::integer[], $12::bigint[],
    $13::bigint[], $14::bigint[]
) AS a (
    store_id, item_id, cause, opened_seq, opened_by_slip, on_hand, minimum, target, value, bound,
    window_days, armed_seq, armed_on_hand, closed_seq
)
