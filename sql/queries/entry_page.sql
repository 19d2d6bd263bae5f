-- Entries of a ledger in posting order; what was on hand before the first day asked for stands on
-- the first page. As in slip_page.sql, days narrow the stretch of entries that is looked at.
-- plan: once unless $5, $6: then it walks the ledger's entries by their sequence.
WITH days AS (
    SELECT
        min((
            SELECT e.seq FROM entry AS e
            WHERE e.store_id = d.store_id AND e.item_id = d.item_id
                AND e.business_date = d.business_date
            ORDER BY e.seq LIMIT 1
        )) AS first,
        max((
            SELECT e.seq FROM entry AS e
            WHERE e.store_id = d.store_id AND e.item_id = d.item_id
                AND e.business_date = d.business_date
            ORDER BY e.seq DESC LIMIT 1
        )) AS last
    FROM ledger_day AS d
    JOIN item AS i USING (item_id)
    WHERE d.store_id = $1::integer AND i.code = $2::text
        AND d.business_date
            BETWEEN coalesce($5::date, '-infinity') AND coalesce($6::date, 'infinity')
)
SELECT
    page.*,
    CASE WHEN $4 IS NULL AND $5 IS NOT NULL THEN (
        SELECT coalesce(sum(d.quantity_in - d.quantity_out), 0) FROM ledger_day AS d
        WHERE d.store_id = l.store_id AND d.item_id = l.item_id AND d.business_date < $5
    ) END AS "page.opening_balance"
FROM item AS i
JOIN ledger AS l USING (item_id)
LEFT JOIN (
    SELECT
        e.seq, slip_number(store.code, s.kind, s.business_date, s.serial) AS slip, e.line,
        s.kind, s.reason, e.business_date, s.posted_at,
        greatest(e.quantity, 0) AS quantity_in, greatest(-e.quantity, 0) AS quantity_out,
        e.balance_after, nullif(lot.lot, '') AS lot, nullif(lot.expires, 'infinity') AS expires,
        s.counterparty, s.receiver, s.handler, s.document, app_user.username AS posted_by,
        e.seq AS cursor
    FROM entry AS e
    JOIN slip AS s USING (store_id, event_seq)
    JOIN store USING (store_id)
    JOIN app_user ON app_user.user_id = s.posted_by
    JOIN lot USING (store_id, item_id, lot_seq)
    WHERE e.store_id = $1 AND e.item_id = (SELECT item_id FROM item WHERE code = $2)
        AND e.seq < coalesce($4::bigint, 9223372036854775807) -- keyset
        AND e.seq >= CASE WHEN coalesce($5, $6) IS NULL THEN 0 ELSE (SELECT first FROM days) END
        AND e.seq <= CASE WHEN coalesce($5, $6) IS NOT NULL THEN (SELECT last FROM days)
            ELSE 9223372036854775807 END
        AND e.business_date BETWEEN coalesce($5, '-infinity') AND coalesce($6, 'infinity')
        AND ($7::text IS NULL OR (e.quantity > 0) = ($7 = 'in'))
        AND ($8::text IS NULL OR lot.lot = $8)
        AND ($9::text IS NULL OR s.counterparty = $9)
        AND ($10::text IS NULL OR s.handler = $10)
    ORDER BY e.seq DESC -- keyset
    LIMIT $3::integer
) AS page ON true
WHERE l.store_id = $1 AND i.code = $2
ORDER BY page.seq DESC -- keyset
