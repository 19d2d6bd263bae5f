-- A store, and the slip that its table has at an event.
SELECT
    store.store_id,
    (
        SELECT slip_number(store.code, s.kind, s.business_date, s.serial)
        FROM slip AS s WHERE s.store_id = store.store_id AND s.event_seq = $2::bigint
    ) AS number
FROM store
WHERE store.code = $1::text
