-- What a sign-in is checked against: seconds still to wait, and the user where there is one.
SELECT sign_in_wait($1::text, $2::text), user_id, password_hash
FROM (SELECT) AS always
LEFT JOIN app_user ON username = $1::text AND disabled_at IS NULL AND password_hash IS NOT NULL
