-- Take role $3 at place $4 from user $2, by administrator $1 (NULL: the operator).
WITH target AS (
    SELECT user_id, user_refusal($1::integer, user_id) AS refusal
    FROM app_user WHERE username = $2::text AND username <> 'system'
), held AS (
    SELECT place_id FROM target JOIN user_grant USING (user_id) JOIN place USING (place_id)
    WHERE role = $3::role AND code = $4::text
), fault AS (
    SELECT CASE
        WHEN target IS NULL THEN 'not_found'
        WHEN refusal IS NOT NULL THEN refusal
        WHEN held IS NULL THEN 'not_found'
        WHEN $3::role = 'admin' THEN 'last_admin:' || last_admin_of(user_id, place_id)
    END AS problem
    FROM (SELECT) AS always LEFT JOIN target ON true LEFT JOIN held ON true
), removed AS (
    DELETE FROM user_grant USING target, held, fault
    WHERE problem IS NULL AND user_grant.user_id = target.user_id AND role = $3::role
        AND user_grant.place_id = held.place_id
)
SELECT problem, NULL, jsonb_build_object('username', $2::text, 'role', $3::role, 'place', $4::text)
FROM fault
