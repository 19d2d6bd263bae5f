-- The ledgers of a store, or the one of an item: what is on hand, what expires, how long it lasts.
-- plan: once: a store has no more ledgers than there are items.
SELECT
    i.code AS item, i.name_zh, i.name_en, i.category, i.unit, i.unit_en,
    v.on_hand, v.minimum, v.target, v.status,
    lots.earliest_expiry, lots.expiring_30d, lots.expired,
    round(used.quantity / 14, 1) AS avg_daily_out_14d,
    round(v.on_hand / nullif(used.quantity / 14, 0), 1) AS days_of_cover,
    l.last_entry_at,
    json_build_object(
        'normal', json_build_object('minimum', l.normal_minimum, 'target', l.normal_target),
        'emergency', json_build_object('minimum', l.emergency_minimum, 'target', l.emergency_target)
    ) AS thresholds,
    lots.lots,
    (
        SELECT coalesce(json_agg(json_build_object('name', name, 'quantity', quantity)
            ORDER BY quantity, name), '[]')
        FROM pack WHERE item_id = i.item_id
    ) AS packs,
    i.item_id AS cursor
FROM ledger AS l
JOIN level AS v USING (store_id, item_id)
JOIN item AS i USING (item_id)
CROSS JOIN LATERAL (
    SELECT
        nullif(min(expires), 'infinity') AS earliest_expiry,
        coalesce(sum(balance) FILTER (
            WHERE expires BETWEEN CURRENT_DATE AND CURRENT_DATE + 30
        ), 0) AS expiring_30d,
        coalesce(sum(balance) FILTER (WHERE expires < CURRENT_DATE), 0) AS expired,
        coalesce(json_agg(json_build_object(
            'lot', nullif(lot, ''), 'expires', nullif(expires, 'infinity'),
            'balance', balance, 'expired', expires < CURRENT_DATE
        ) ORDER BY expires, lot), '[]') AS lots
    FROM lot
    WHERE store_id = l.store_id AND item_id = l.item_id AND open
) AS lots
CROSS JOIN LATERAL (
    SELECT coalesce(sum(quantity_out), 0) AS quantity
    FROM ledger_day
    WHERE store_id = l.store_id AND item_id = l.item_id
        AND business_date BETWEEN CURRENT_DATE - 13 AND CURRENT_DATE
) AS used
WHERE l.store_id = $1::integer
    AND ($3::bigint IS NULL OR i.item_id > $3)
    AND ($4::text IS NULL OR i.code = $4)
ORDER BY i.item_id
LIMIT $2::integer
