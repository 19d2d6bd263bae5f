-- Their open alerts whose time has come.
SELECT c.store_id, c.item_id, c.cause, c.alert_id, c.wakes, c.place_id, c.place
FROM unnest($1::integer[], $2::text[]) AS w (store_id, code)
JOIN item AS i USING (code)
CROSS JOIN LATERAL (
    SELECT * FROM alert_clock WHERE store_id = w.store_id AND item_id = i.item_id
) AS c
