-- The users with a role at the places administered ($1) or below, and those with none anywhere.
-- Roles elsewhere are not theirs to know of.
SELECT
    u.username, u.display_name, u.disabled_at IS NOT NULL AS disabled, u.created_at, roles.roles,
    u.user_id AS cursor
FROM app_user AS u
CROSS JOIN LATERAL (
    SELECT
        coalesce(
            json_agg(json_build_object('role', g.role, 'place', p.code) ORDER BY g.role, p.code)
                FILTER (WHERE p.path && $1::integer[]),
            '[]'
        ) AS roles,
        count(*) AS everywhere, count(*) FILTER (WHERE p.path && $1) AS here
    FROM user_grant AS g
    JOIN place AS p USING (place_id)
    WHERE g.user_id = u.user_id
) AS roles
WHERE u.username <> 'system' AND (roles.here > 0 OR roles.everywhere = 0)
    AND ($3::bigint IS NULL
        OR u.user_id < $3) -- keyset
ORDER BY u.user_id DESC -- keyset
LIMIT $2::integer
