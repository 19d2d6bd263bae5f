-- Channel $2, if user $1 keeps it.
SELECT kind, name, address, sealed_address, sealed_secret, language
FROM channel
WHERE channel_id = $2::integer AND removed_at IS NULL
    AND keeps_channel($1::integer, place_id, owner_id)
