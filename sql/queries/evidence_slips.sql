-- Slips of a stretch of a store's log, as their table says: up to $2, at most $3, after $4.
SELECT
    s.event_seq,
    -- slip_number() takes longer than everything else here.
    concat(store.code, CASE s.kind WHEN 'in' THEN '-RK-' ELSE '-CK-' END,
        to_char(s.business_date, 'YYYYMMDD'), '-',
        lpad(s.serial::text, greatest(4, length(s.serial::text)), '0')) AS number,
    store.code AS store, s.kind, s.reason, s.business_date,
    s.counterparty, s.receiver, s.handler, s.document, s.note,
    s.posted_at, app_user.username AS posted_by,
    CASE WHEN s.reverses IS NOT NULL THEN (
        SELECT slip_number(store.code, r.kind, r.business_date, r.serial)
        FROM slip AS r WHERE r.store_id = s.store_id AND r.event_seq = s.reverses
    ) END AS reverses,
    s.event_seq AS cursor
FROM slip AS s
JOIN store USING (store_id)
LEFT JOIN app_user ON app_user.user_id = s.posted_by
WHERE s.store_id = $1::integer AND s.event_seq <= $2::bigint AND s.event_seq > $4::bigint
ORDER BY s.event_seq
LIMIT $3::integer
