-- Public keys that checkpoints were ever signed with, the first one first.
SELECT key_id, encode(public_key, 'base64') AS public_key, to_char(created_at, 'YYYY-MM-DD"T"HH24:MI:SS.USTZH:TZM'), endorsement
FROM log_key
ORDER BY key_id
