-- Alerts that the batch opened (and perhaps closed again); $10 is its time.
INSERT INTO alert (
    store_id, item_id, cause, opened_seq, opened_by_slip, on_hand, minimum, target,
    closed_seq, opened_at, closed_at
)
SELECT a.*, $10::timestamptz, CASE WHEN a.closed_seq IS NOT NULL THEN $10::timestamptz END
FROM unnest(
    $1::integer[], $2::integer[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
    $7::bigint[], $8::bigint[], $9::bigint[]
) AS a (
    store_id, item_id, cause, opened_seq, opened_by_slip, on_hand, minimum, target, closed_seq
)
