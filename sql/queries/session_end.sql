-- Sign out: the session ends, everywhere.
WITH ended AS (
    UPDATE session SET ended_at = now()
    WHERE token_hash = $1::bytea AND ended_at IS NULL
    RETURNING user_id
)
SELECT NULL, '{}'::jsonb,
    (SELECT jsonb_build_object('username', username) FROM ended JOIN app_user USING (user_id))
