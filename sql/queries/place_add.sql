-- A new place below $6, by administrator $1 (NULL: the operator). Without a parent it is the root of
-- a tree of its own, which whoever makes it administers. It is as ready as what it lies in.
WITH above AS (
    SELECT place_id, readiness FROM place
    WHERE code = $6::text AND administers($1::integer, path)
), fault AS (
    SELECT CASE
        WHEN $6::text IS NOT NULL AND NOT EXISTS (SELECT FROM above)
            THEN 'unknown_place@parent:' || $6::text
        WHEN $6::text IS NULL AND NOT (
            $1::integer IS NULL OR EXISTS (
                SELECT FROM user_grant JOIN place USING (place_id)
                WHERE user_id = $1::integer AND role = 'admin' AND parent_id IS NULL
            )) THEN 'required@parent'
    END AS problem
), added AS (
    INSERT INTO place (code, kind, name_zh, name_en, parent_id, readiness)
    SELECT $2::text, $3::place_kind, $4::text, $5::text, place_id, coalesce(readiness, 'normal')
    FROM fault LEFT JOIN above ON true
    WHERE problem IS NULL
    RETURNING place_id, readiness
), founded AS (
    INSERT INTO user_grant (user_id, role, place_id)
    SELECT $1::integer, 'admin', place_id FROM added
    WHERE $6::text IS NULL AND $1::integer IS NOT NULL
)
SELECT problem, NULL, jsonb_build_object('code', $2::text, 'kind', $3::place_kind,
    'name_zh', $4::text, 'name_en', $5::text, 'parent', $6::text, 'readiness', readiness)
FROM fault LEFT JOIN added ON true
