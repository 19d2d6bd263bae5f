-- Whose secret is it, and what may they: a row a grant, one row without a role when there is none.
-- $2: it came as a cookie (a session), not as a token.
SELECT user_id, username, display_name, to_json(expires_at) #>> '{}',
    role, place_id, parent_id IS NULL, place.code
FROM secret
JOIN app_user USING (user_id)
LEFT JOIN user_grant USING (user_id)
LEFT JOIN place USING (place_id)
WHERE token_hash = $1::bytea AND by_cookie = $2::boolean AND disabled_at IS NULL
ORDER BY role, place.code
