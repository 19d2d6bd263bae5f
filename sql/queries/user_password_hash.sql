-- What one's own password is checked against: seconds still to wait, and its hash.
SELECT sign_in_wait(username, $2::text), password_hash
FROM app_user WHERE user_id = $1::integer
