-- Grant user $2 role $3 at place $4, by administrator $1 (NULL: the operator).
WITH target AS (
    SELECT user_id, user_refusal($1::integer, user_id) AS refusal
    FROM app_user WHERE username = $2::text AND username <> 'system'
), spot AS (
    SELECT place_id FROM place WHERE code = $4::text AND administers($1::integer, path)
), fault AS (
    SELECT CASE
        WHEN target IS NULL THEN 'not_found'
        WHEN refusal IS NOT NULL THEN refusal
        WHEN NOT EXISTS (SELECT FROM spot) THEN 'unknown_place@place:' || $4::text
    END AS problem
    FROM (SELECT) AS always LEFT JOIN target ON true
), granted AS (
    INSERT INTO user_grant (user_id, role, place_id)
    SELECT user_id, $3::role, place_id FROM fault, target, spot WHERE problem IS NULL
    ON CONFLICT DO NOTHING
    RETURNING user_id
)
SELECT problem, CASE WHEN granted IS NULL THEN body END, CASE WHEN granted IS NOT NULL THEN body END
FROM fault
LEFT JOIN granted ON true,
LATERAL (SELECT jsonb_build_object(
    'username', $2::text, 'role', $3::role, 'place', $4::text)) AS b (body)
