-- A new store at place $3, by administrator $1 (NULL: the operator): with its head, as ready as its
-- place and under its rules, and the standing ledgers.
WITH spot AS (
    SELECT place_id, readiness FROM place
    WHERE code = $3::text AND administers($1::integer, path)
), added AS (
    INSERT INTO store (code, place_id, name_zh, name_en)
    SELECT $2::text, place_id, $4::text, $5::text FROM spot
    RETURNING store_id
), head AS (
    INSERT INTO store_head (
        store_id, readiness, low_stock, out_of_stock, clear_percent, rearm_percent
    )
    SELECT store_id, readiness, low_stock, out_of_stock, clear_percent, rearm_percent
    FROM added, spot JOIN stock_rule_at USING (place_id)
), opened AS (
    INSERT INTO ledger (store_id, item_id) SELECT store_id, item_id FROM added, item WHERE standing
)
SELECT CASE WHEN added IS NULL THEN 'unknown_place@place:' || $3::text END,
    NULL, jsonb_build_object('code', $2::text, 'place', $3::text,
        'name_zh', $4::text, 'name_en', $5::text, 'readiness', readiness)
FROM (SELECT) AS always LEFT JOIN (added CROSS JOIN spot) ON true
