-- A store by its code, with the ids from the root down to its place.
SELECT store_id, place_id, path FROM store JOIN place USING (place_id) WHERE store.code = $1::text
