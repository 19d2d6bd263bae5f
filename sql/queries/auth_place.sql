-- A place by its code, with the ids from the root down to it.
SELECT 0, place_id, path FROM place WHERE code = $1::text
