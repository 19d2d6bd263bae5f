-- Slips of a store with their lines, by their place in its log; one slip when a number is given.
-- The log is in posting order. So that a filter by days or by a rarely moved item does not walk all
-- of it, only the stretch between the first and the last slip that can match is looked at.
WITH days AS (
    SELECT
        min((
            SELECT s.event_seq FROM slip AS s
            WHERE s.store_id = d.store_id AND s.kind = d.kind
                AND s.business_date = d.business_date AND s.serial = 1
        )) AS first,
        max((
            SELECT s.event_seq FROM slip AS s
            WHERE s.store_id = d.store_id AND s.kind = d.kind
                AND s.business_date = d.business_date AND s.serial = d.last_serial
        )) AS last
    FROM slip_series AS d
    WHERE d.store_id = $1
        AND d.business_date
            BETWEEN coalesce($12::date, '-infinity') AND coalesce($13::date, 'infinity')
), moves AS (
    SELECT
        (SELECT event_seq FROM entry WHERE (store_id, item_id, seq) = (l.store_id, l.item_id, 1))
            AS first,
        (
            SELECT event_seq FROM entry
            WHERE (store_id, item_id, seq) = (l.store_id, l.item_id, l.entry_seq)
        ) AS last
    FROM ledger AS l
    JOIN item AS i USING (item_id)
    WHERE l.store_id = $1 AND i.code = $9
)
SELECT
    slip_number(store.code, s.kind, s.business_date, s.serial) AS number,
    store.code AS store, s.kind, s.reason, s.business_date,
    s.counterparty, s.receiver, s.handler, s.document, s.note,
    (
        SELECT json_agg(row_to_json(l) ORDER BY l.line, l.ledger_seq)
        FROM (
            SELECT
                e.line, item.code AS item, abs(e.quantity) AS quantity,
                e.pack_quantity, e.pack, nullif(lot.lot, '') AS lot,
                nullif(lot.expires, 'infinity') AS expires, e.seq AS ledger_seq, e.balance_after
            FROM entry AS e
            JOIN item USING (item_id)
            JOIN lot USING (store_id, item_id, lot_seq)
            WHERE e.store_id = s.store_id AND e.event_seq = s.event_seq
        ) AS l
    ) AS lines,
    s.posted_at,
    (SELECT username FROM app_user WHERE user_id = s.posted_by) AS posted_by,
    (
        SELECT slip_number(store.code, r.kind, r.business_date, r.serial)
        FROM slip AS r WHERE r.store_id = s.store_id AND r.event_seq = s.reverses
    ) AS reverses,
    (
        SELECT slip_number(store.code, r.kind, r.business_date, r.serial)
        FROM slip AS r WHERE r.store_id = s.store_id AND r.reverses = s.event_seq
    ) AS reversed_by,
    s.event_seq,
    s.event_seq AS cursor
FROM slip AS s
JOIN store USING (store_id)
WHERE s.store_id = $1::integer
    AND ($3::bigint IS NULL
        OR s.event_seq < $3) -- keyset
    -- Both kinds spelled out: then a range of days can use the index of the numbers.
    AND s.kind = ANY (
        CASE WHEN $4::slip_kind IS NULL THEN '{in,out}'::slip_kind[] ELSE ARRAY[$4] END
    )
    AND ($5::date IS NULL OR s.business_date = $5)
    AND ($6::integer IS NULL OR s.serial = $6)
    AND ($7::slip_kind IS NULL OR s.kind = $7)
    AND ($8::slip_reason IS NULL OR s.reason = $8)
    AND ($9::text IS NULL OR EXISTS (
        SELECT FROM entry AS e
        WHERE e.store_id = s.store_id AND e.event_seq = s.event_seq
            AND e.item_id = (SELECT item_id FROM item WHERE code = $9)
    ))
    AND ($9 IS NULL OR s.event_seq BETWEEN (SELECT first FROM moves) AND (SELECT last FROM moves))
    AND ($10::text IS NULL OR s.counterparty = $10)
    AND ($11::text IS NULL OR s.posted_by = (SELECT user_id FROM app_user WHERE username = $11))
    AND s.business_date BETWEEN coalesce($12, '-infinity') AND coalesce($13, 'infinity')
    AND (coalesce($12, $13) IS NULL
        OR s.event_seq BETWEEN (SELECT first FROM days) AND (SELECT last FROM days))
ORDER BY s.event_seq DESC -- keyset
LIMIT $2::integer
