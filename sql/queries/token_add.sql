-- An API token of a user ($2 by name). Its secret is nowhere but in the answer.
WITH owner AS (
    SELECT user_id, username FROM app_user WHERE username = $1::text AND username <> 'system'
), fault AS (
    SELECT CASE
        WHEN NOT EXISTS (SELECT FROM owner) THEN 'not_found'
        WHEN $4::timestamptz <= now() THEN 'past_time@expires_at'
    END AS problem
), added AS (
    INSERT INTO api_token (user_id, name, token_hash, expires_at)
    SELECT user_id, $2::text, $3::bytea, $4::timestamptz FROM owner, fault WHERE problem IS NULL
    RETURNING token_id, name, created_at, expires_at
)
SELECT problem, NULL, jsonb_build_object('id', token_id, 'username', $1::text, 'name', name,
    'created_at', created_at, 'expires_at', expires_at)
FROM fault LEFT JOIN added ON true
