-- Tiles of a log, each by level and number; those of level 0 are the events' leaf hashes.
SELECT
    w.level, w.tile,
    CASE w.level
        WHEN 0 THEN (
            SELECT string_agg(leaf_hash, '' ORDER BY seq) FROM event
            WHERE store_id = $1::integer AND seq BETWEEN w.tile * 256 + 1 AND w.tile * 256 + 256
        )
        ELSE (
            SELECT hashes FROM log_tile
            WHERE store_id = $1 AND level = w.level AND tile = w.tile
        )
    END AS hashes
FROM unnest($2::integer[], $3::bigint[]) AS w (level, tile)
