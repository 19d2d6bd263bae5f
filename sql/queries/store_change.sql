-- Rename store $1; NULL leaves a name as it is.
WITH changed AS (
    UPDATE store SET
        name_zh = coalesce($2::text, name_zh),
        name_en = coalesce($3::text, name_en)
    WHERE store_id = $1::integer AND ($2::text <> name_zh OR $3::text <> name_en)
    RETURNING store_id
)
SELECT NULL, CASE WHEN changed IS NULL THEN body END, CASE WHEN changed IS NOT NULL THEN body END
FROM store
JOIN place USING (place_id)
JOIN store_head AS head USING (store_id)
LEFT JOIN changed ON true,
LATERAL (SELECT jsonb_build_object('code', store.code, 'place', place.code,
    'name_zh', coalesce($2::text, store.name_zh), 'name_en', coalesce($3::text, store.name_en),
    'readiness', head.readiness)) AS b (body)
WHERE store.store_id = $1::integer
