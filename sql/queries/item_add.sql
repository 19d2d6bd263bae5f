-- A new item with its packs ($7: [{"name","quantity"}]).
WITH added AS (
    INSERT INTO item (code, category, name_zh, name_en, unit, unit_en)
    VALUES ($1::text, $2::item_category, $3::text, $4::text, $5::text, $6::text)
    RETURNING item_id
), packed AS (
    INSERT INTO pack (item_id, name, quantity)
    SELECT item_id, name, quantity
    FROM added, jsonb_to_recordset($7::jsonb) AS p (name text, quantity bigint)
)
SELECT NULL, NULL, jsonb_build_object('code', $1::text, 'category', $2::item_category,
    'name_zh', $3::text, 'name_en', $4::text, 'unit', $5::text, 'unit_en', $6::text,
    'standing', false, 'packs', $7::jsonb)
FROM added
