-- The caller's own tokens that were not revoked.
SELECT
    token_id AS id, name, created_at, expires_at,
    token_id AS cursor
FROM api_token
WHERE user_id = $1::integer AND revoked_at IS NULL
    AND ($3::bigint IS NULL
        OR token_id < $3) -- keyset
ORDER BY token_id DESC -- keyset
LIMIT $2::integer
