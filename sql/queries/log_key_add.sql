-- Record a public key ($1) that signs from now on, with the note by which the one before hands over
-- to it ($2). Without one it is taken only as the first, or when the one before was lost ($3).
WITH known AS (
    SELECT key_id FROM log_key WHERE public_key = $1::bytea
), added AS (
    INSERT INTO log_key (public_key, endorsement, created_at)
    SELECT $1, $2::text, clock_timestamp()
    WHERE NOT EXISTS (SELECT FROM known)
        AND ($2 IS NOT NULL OR $3::boolean OR NOT EXISTS (SELECT FROM log_key))
    RETURNING key_id
)
SELECT
    CASE WHEN known IS NULL AND added IS NULL THEN 'unknown_signing_key' END,
    coalesce(known.key_id, added.key_id)::text,
    CASE WHEN added IS NOT NULL THEN jsonb_build_object('id', added.key_id,
        'public_key', encode($1, 'base64'), 'endorsed', $2 IS NOT NULL) END
FROM (SELECT) AS always LEFT JOIN known ON true LEFT JOIN added ON true
