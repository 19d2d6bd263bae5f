-- A store's slips in the order of its log, with the type of event that posted them. The columns
-- from the fifth on are what the members of those names in the event's body must say; they stand
-- in the order of canonical JSON.
SELECT s.event_seq, s.business_date, s.kind::text,
    CASE WHEN s.reverses IS NULL THEN 'slip_posted' ELSE 'slip_reversed' END AS type,
    s.business_date, s.counterparty, s.document, s.event_seq, s.handler, s.kind::text, s.note,
    -- slip_number() takes longer than everything else here.
    concat($2::text, CASE s.kind WHEN 'in' THEN '-RK-' ELSE '-CK-' END,
        to_char(s.business_date, 'YYYYMMDD'), '-',
        lpad(s.serial::text, greatest(4, length(s.serial::text)), '0')) AS number,
    s.posted_at, app_user.username AS posted_by, s.reason::text, s.receiver,
    CASE WHEN s.reverses IS NOT NULL THEN
        slip_number($2, r.kind, r.business_date, r.serial)
    END AS reverses,
    $2 AS store
FROM slip AS s
LEFT JOIN app_user ON app_user.user_id = s.posted_by
LEFT JOIN slip AS r ON r.store_id = s.store_id AND r.event_seq = s.reverses
WHERE s.store_id = $1::integer
ORDER BY s.event_seq
