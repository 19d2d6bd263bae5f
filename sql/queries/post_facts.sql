-- What the clock makes of the ledgers that the sweep asks to look at.
SELECT f.store_id, f.item_id, f.cause, f.entry_seq, f.due, f.stays, f.value, f.bound, f.window_days
FROM unnest($1::integer[], $2::text[]) AS w (store_id, code)
JOIN item AS i USING (code)
CROSS JOIN LATERAL (
    SELECT * FROM alert_fact WHERE store_id = w.store_id AND item_id = i.item_id
) AS f
