-- A log's tiles.
SELECT level, tile, encode(hashes, 'hex') FROM log_tile
WHERE store_id = $1::integer
ORDER BY level, tile
