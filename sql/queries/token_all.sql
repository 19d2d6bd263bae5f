-- Every token, for the command line.
SELECT token_id, username, name, to_json(date_trunc('second', api_token.created_at)) #>> '{}',
    to_json(date_trunc('second', expires_at)) #>> '{}',
    CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= now() THEN 'expired'
        ELSE 'valid' END
FROM api_token JOIN app_user USING (user_id)
ORDER BY token_id
