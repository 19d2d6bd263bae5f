-- Change one's own password: every other session ($4 is the one that stays) ends.
WITH changed AS (
    UPDATE app_user SET password_hash = $3::text
    WHERE user_id = $1::integer AND password_hash = $2::text
    RETURNING user_id, username
), ended AS (
    UPDATE session SET ended_at = now() FROM changed
    WHERE session.user_id = changed.user_id AND ended_at IS NULL AND token_hash <> $4::bytea
), forgiven AS (
    DELETE FROM sign_in_failure USING changed WHERE subject = 'user:' || username
)
SELECT CASE WHEN changed IS NULL THEN 'wrong_password@current' END,
    NULL, jsonb_build_object('username', username)
FROM (SELECT) AS always LEFT JOIN changed ON true
