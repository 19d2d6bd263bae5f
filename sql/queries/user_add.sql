-- A new user with their first grants ($5: [{"role","place"}]), by administrator $1 (NULL: the operator).
WITH wanted AS (
    SELECT n - 1 AS n, (grant_ ->> 'role')::role AS role, grant_ ->> 'place' AS code,
        place_id, place_id IS NOT NULL AND administers($1::integer, path) AS allowed
    FROM jsonb_array_elements($5::jsonb) WITH ORDINALITY AS asked (grant_, n)
    LEFT JOIN place ON place.code = grant_ ->> 'place'
), fault AS (
    SELECT (
        SELECT format('unknown_place@roles[%s].place:%s', n, code) FROM wanted
        WHERE NOT allowed ORDER BY n LIMIT 1
    ) AS problem
), added AS (
    INSERT INTO app_user (username, display_name, password_hash)
    SELECT $2::text, $3::text, $4::text FROM fault WHERE problem IS NULL
    RETURNING user_id
), granted AS (
    INSERT INTO user_grant (user_id, role, place_id)
    SELECT DISTINCT user_id, role, place_id FROM added, wanted
)
SELECT problem, NULL, jsonb_build_object(
    'username', $2::text, 'display_name', $3::text, 'disabled', false,
    'roles', (
        SELECT coalesce(
            jsonb_agg(jsonb_build_object('role', role, 'place', code) ORDER BY role, code), '[]')
        FROM (SELECT DISTINCT role, code FROM wanted) AS roles
    ))
FROM fault
