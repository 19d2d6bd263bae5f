-- The rules of stock alerts that stores follow from now on.
UPDATE store_head AS h
SET low_stock = w.low_stock, out_of_stock = w.out_of_stock,
    clear_percent = w.clear_percent, rearm_percent = w.rearm_percent
FROM (
    SELECT store_id, low_stock = 1, out_of_stock = 1, clear_percent, rearm_percent
    FROM unnest($1::integer[], $2::integer[], $3::integer[], $4::integer[], $5::integer[])
        AS w (store_id, low_stock, out_of_stock, clear_percent, rearm_percent)
) AS w (store_id, low_stock, out_of_stock, clear_percent, rearm_percent)
WHERE h.store_id = w.store_id
