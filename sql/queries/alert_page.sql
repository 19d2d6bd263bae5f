-- Alerts at the places granted ($1), or at and below $4. An open one shows what is on hand now.
SELECT page.*, asked.place AS "page.place"
FROM (
    SELECT NULL::integer AS place_id, NULL AS place WHERE $4::text IS NULL
    UNION ALL
    SELECT place_id, code FROM place WHERE code = $4 AND path && $1::integer[]
) AS asked
LEFT JOIN LATERAL (
    SELECT
        a.alert_id AS id, s.code AS store, p.code AS place, i.code AS item, i.name_zh, i.name_en,
        i.unit, i.unit_en, a.cause, a.opened_at,
        (
            SELECT slip_number(s.code, kind, business_date, serial) FROM slip
            WHERE store_id = a.store_id AND event_seq = a.opened_by_slip
        ) AS opened_by_slip,
        a.on_hand AS on_hand_at_opening, now.on_hand, now.minimum, now.target,
        CASE WHEN a.closed_at IS NULL THEN greatest(now.target - now.on_hand, 0) END
            AS suggested_quantity,
        a.acknowledged_at,
        (SELECT username FROM app_user WHERE user_id = a.acknowledged_by) AS acknowledged_by,
        a.acknowledged_note, a.closed_at,
        a.alert_id AS cursor
    FROM alert AS a
    JOIN store AS s USING (store_id)
    JOIN place AS p USING (place_id)
    JOIN item AS i USING (item_id)
    CROSS JOIN LATERAL (
        SELECT a.on_hand, a.minimum, a.target WHERE a.closed_at IS NOT NULL
        UNION ALL
        SELECT v.on_hand, v.minimum, v.target FROM level AS v
        WHERE a.closed_at IS NULL AND v.store_id = a.store_id AND v.item_id = a.item_id
    ) AS now
    WHERE p.path && CASE WHEN $4 IS NULL THEN $1 ELSE ARRAY[asked.place_id] END
        AND ($3::bigint IS NULL
            OR a.alert_id < $3) -- keyset
        AND ($5::text IS NULL
            OR $5 = 'open' AND a.closed_at IS NULL
            OR $5 = 'closed' AND a.closed_at IS NOT NULL)
        AND ($6::text IS NULL OR s.code = $6)
        AND ($7::text IS NULL OR i.code = $7)
    ORDER BY a.alert_id DESC -- keyset
    LIMIT $2::integer
) AS page ON true
ORDER BY page.cursor DESC -- keyset
