-- Revoke a token: one's own, or one of a user whom one administers. $1 NULL: the operator.
WITH token AS (
    SELECT token_id, username, name, revoked_at,
        CASE WHEN user_id = $1::integer THEN NULL ELSE user_refusal($1::integer, user_id) END
            AS refusal
    FROM api_token JOIN app_user USING (user_id)
    WHERE token_id = $2::integer
), revoked AS (
    UPDATE api_token SET revoked_at = now() FROM token
    WHERE api_token.token_id = token.token_id AND refusal IS NULL AND token.revoked_at IS NULL
)
SELECT CASE WHEN token IS NULL OR refusal IS NOT NULL THEN 'not_found' END,
    CASE WHEN revoked_at IS NOT NULL THEN body END,
    CASE WHEN revoked_at IS NULL THEN body END
FROM (SELECT) AS always
LEFT JOIN token ON true,
LATERAL (SELECT jsonb_build_object('id', token_id, 'username', username, 'name', name)) AS b (body)
