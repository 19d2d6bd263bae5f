-- A sign-in: a session, and the failures before it forgiven. The password was right when it was
-- looked up; it must still be the user's.
WITH wait AS (
    SELECT sign_in_wait($3::text, $4::text) AS seconds
), added AS (
    INSERT INTO session (token_hash, user_id, expires_at)
    SELECT $1::bytea, user_id, date_trunc('second', now() + make_interval(hours => $6::integer))
    FROM wait, app_user
    WHERE seconds = 0 AND user_id = $2::integer AND disabled_at IS NULL
        AND password_hash = $5::text
    RETURNING user_id, expires_at
), forgiven AS (
    DELETE FROM sign_in_failure USING added WHERE subject = 'user:' || $3::text
), lowered AS (
    UPDATE sign_in_failure SET failures = failures - 1 FROM added
    WHERE subject = 'address:' || $4::text AND failures > 1
)
SELECT CASE
        WHEN seconds > 0 THEN 'too_many_attempts:' || seconds
        WHEN added IS NULL THEN 'sign_in_failed'
    END,
    jsonb_build_object(
        'user', jsonb_build_object('username', username, 'display_name', display_name,
            'roles', user_roles(user_id)),
        'expires_at', expires_at),
    jsonb_build_object('username', username, 'expires_at', expires_at)
FROM wait LEFT JOIN (added JOIN app_user USING (user_id)) ON true
