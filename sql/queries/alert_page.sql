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
        i.unit, i.unit_en, a.cause,
        CASE
            WHEN a.closed_at IS NOT NULL THEN 'closed'
            WHEN a.snoozed_until > CURRENT_DATE THEN 'snoozed'
            WHEN a.acknowledged_at IS NOT NULL THEN 'acknowledged'
            ELSE 'open'
        END AS state,
        a.opened_at,
        (
            SELECT slip_number(s.code, kind, business_date, serial) FROM slip
            WHERE store_id = a.store_id AND event_seq = a.opened_by_slip
        ) AS opened_by_slip,
        a.on_hand AS on_hand_at_opening, now.on_hand, now.minimum, now.target,
        now.value, now.bound, now.window_days,
        CASE WHEN a.closed_at IS NULL AND now.target IS NOT NULL
            THEN greatest(now.target - now.on_hand, 0) END AS suggested_quantity,
        a.armed_at,
        a.acknowledged_at,
        (SELECT username FROM app_user WHERE user_id = a.acknowledged_by) AS acknowledged_by,
        a.acknowledged_note,
        a.snoozed_until,
        (SELECT username FROM app_user WHERE user_id = a.snoozed_by) AS snoozed_by,
        a.snooze_reason, a.escalation, a.escalated_at,
        (SELECT code FROM place WHERE place_id = a.escalated_to) AS escalated_to,
        a.closed_at,
        a.alert_id AS cursor
    FROM alert AS a
    JOIN store AS s USING (store_id)
    JOIN place AS p USING (place_id)
    JOIN item AS i USING (item_id)
    CROSS JOIN LATERAL (
        SELECT a.on_hand, a.minimum, a.target, a.value, a.bound, a.window_days
        WHERE a.closed_at IS NOT NULL
        UNION ALL
        SELECT v.on_hand, v.minimum, v.target, v.on_hand, v.minimum, NULL FROM level AS v
        WHERE a.closed_at IS NULL AND a.cause IN ('low_stock', 'out_of_stock')
            AND v.store_id = a.store_id AND v.item_id = a.item_id
        UNION ALL
        SELECT v.on_hand, v.minimum, v.target, coalesce(f.value, a.value), f.bound, f.window_days
        FROM level AS v
        JOIN alert_fact AS f USING (store_id, item_id)
        WHERE a.closed_at IS NULL AND a.cause NOT IN ('low_stock', 'out_of_stock')
            AND v.store_id = a.store_id AND v.item_id = a.item_id AND f.cause = a.cause
    ) AS now
    WHERE p.path && CASE WHEN $4 IS NULL THEN $1 ELSE ARRAY[asked.place_id] END
        AND ($3::bigint IS NULL
            OR a.alert_id < $3) -- keyset
        AND ($5::text IS NULL
            OR $5 = 'open' AND a.closed_at IS NULL
            OR $5 = 'closed' AND a.closed_at IS NOT NULL)
        AND ($6::text IS NULL OR s.code = $6)
        AND ($7::text IS NULL OR i.code = $7)
        AND ($8::text IS NULL OR a.cause = $8)
    ORDER BY a.alert_id DESC -- keyset
    LIMIT $2::integer
) AS page ON true
ORDER BY page.cursor DESC -- keyset
