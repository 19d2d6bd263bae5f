-- Change item $1: names ($2, $3; NULL leaves them) and the packs given ($4: [{"name","quantity"}]),
-- added or set anew. Slips hold base units, so a pack may change at any time.
WITH target AS (
    SELECT * FROM item WHERE code = $1::text
), given AS (
    SELECT name, quantity FROM jsonb_to_recordset($4::jsonb) AS p (name text, quantity bigint)
), changed AS (
    UPDATE item SET
        name_zh = coalesce($2::text, item.name_zh),
        name_en = coalesce($3::text, item.name_en)
    FROM target
    WHERE item.item_id = target.item_id
        AND ($2::text <> target.name_zh OR $3::text <> target.name_en)
    RETURNING item.item_id
), packed AS (
    INSERT INTO pack AS p (item_id, name, quantity)
    SELECT item_id, name, quantity FROM target, given
    ON CONFLICT (item_id, name) DO UPDATE SET quantity = excluded.quantity
        WHERE p.quantity <> excluded.quantity
    RETURNING item_id
), packs AS (
    SELECT name, quantity FROM given
    UNION ALL
    SELECT name, quantity FROM target JOIN pack USING (item_id)
    WHERE name NOT IN (SELECT name FROM given)
), body AS (
    SELECT jsonb_build_object('code', code, 'category', category,
        'name_zh', coalesce($2::text, name_zh), 'name_en', coalesce($3::text, name_en),
        'unit', unit, 'unit_en', unit_en, 'standing', standing, 'packs', (
            SELECT coalesce(jsonb_agg(
                jsonb_build_object('name', name, 'quantity', quantity)
                ORDER BY packs.quantity, packs.name), '[]')
            FROM packs
        )) AS body,
        EXISTS (SELECT FROM changed UNION ALL SELECT FROM packed) AS done
    FROM target
)
SELECT CASE WHEN done IS NULL THEN 'not_found' END,
    CASE WHEN NOT done THEN body END, CASE WHEN done THEN body END
FROM (SELECT) AS always LEFT JOIN body ON true
