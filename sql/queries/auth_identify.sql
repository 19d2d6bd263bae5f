-- Whose secret is it, and what may they: a row a grant, one row without a role when there is none.
-- $2: it came as a cookie (a session), not as a token.
SELECT user_id, username, display_name, to_json(expires_at) #>> '{}',
    role, place_id, parent_id IS NULL, place.code
FROM (
    SELECT user_id, expires_at FROM session
    WHERE $2::boolean AND token_hash = $1::bytea AND ended_at IS NULL AND expires_at > now()
    UNION ALL
    SELECT user_id, expires_at FROM api_token
    WHERE NOT $2::boolean AND token_hash = $1::bytea AND revoked_at IS NULL
        AND (expires_at IS NULL OR expires_at > now())
) AS secret
JOIN app_user USING (user_id)
LEFT JOIN user_grant USING (user_id)
LEFT JOIN place USING (place_id)
WHERE disabled_at IS NULL
ORDER BY role, place.code
