-- Public keys that checkpoints were ever signed with, for people.
SELECT key_id, encode(public_key, 'base64'), to_char(created_at, 'YYYY-MM-DD HH24:MI:SSOF'),
    CASE WHEN endorsement IS NULL THEN '–' ELSE '有旧私钥作证 endorsed' END
FROM log_key
ORDER BY key_id
