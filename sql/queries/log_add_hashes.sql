-- Roots of the subtrees of 256^level leaves that a log's new events complete, behind the others of
-- their tiles. n counts them from the log's beginning.
INSERT INTO log_tile AS t (store_id, level, tile, hashes)
SELECT store_id, level, n / 256, string_agg(hash, '' ORDER BY n)
FROM unnest($1::integer[], $2::integer[], $3::bigint[], $4::bytea[])
    AS w (store_id, level, n, hash)
GROUP BY store_id, level, n / 256
ON CONFLICT (store_id, level, tile) DO UPDATE SET hashes = t.hashes || excluded.hashes
