-- Rename place $1; NULL leaves a name as it is.
WITH changed AS (
    UPDATE place SET
        name_zh = coalesce($2::text, name_zh),
        name_en = coalesce($3::text, name_en)
    WHERE place_id = $1::integer AND ($2::text <> name_zh OR $3::text <> name_en)
    RETURNING place_id
)
SELECT NULL, CASE WHEN changed IS NULL THEN body END, CASE WHEN changed IS NOT NULL THEN body END
FROM place
LEFT JOIN place AS above ON above.place_id = place.parent_id
LEFT JOIN changed ON true,
LATERAL (SELECT jsonb_build_object('code', place.code, 'kind', place.kind,
    'name_zh', coalesce($2::text, place.name_zh), 'name_en', coalesce($3::text, place.name_en),
    'parent', above.code, 'readiness', place.readiness)) AS b (body)
WHERE place.place_id = $1::integer
