-- The batch's slips; $14 is its time.
INSERT INTO slip (
    store_id, event_seq, kind, reason, business_date, serial, posted_by,
    counterparty, receiver, handler, document, note, reverses, posted_at
)
SELECT s.store_id, s.event_seq, s.kind::slip_kind, s.reason::slip_reason, s.business_date, s.serial,
    s.posted_by, s.counterparty, s.receiver, s.handler, s.document, s.note, s.reverses,
    $14::timestamptz
FROM unnest(
    $1::integer[], $2::bigint[], $3::text[], $4::text[], $5::date[], $6::integer[], $7::integer[],
    $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::bigint[]
) AS s (
    store_id, event_seq, kind, reason, business_date, serial, posted_by,
    counterparty, receiver, handler, document, note, reverses
)
