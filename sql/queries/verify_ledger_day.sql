-- Days whose sums are not those of their entries.
SELECT store_id,
    format('%s %s', (SELECT code FROM item WHERE item_id = f.item_id), business_date) AS place,
    format('+%s −%s', quantity_in, quantity_out) AS found,
    format('+%s −%s', due_in, due_out) AS expected,
    count(*) OVER () AS faults
FROM (
    SELECT store_id, item_id, business_date,
        coalesce(quantity_in, 0) AS quantity_in, coalesce(quantity_out, 0) AS quantity_out,
        coalesce(due_in, 0) AS due_in, coalesce(due_out, 0) AS due_out
    FROM (
        SELECT store_id, item_id, business_date, quantity_in, quantity_out FROM ledger_day
        WHERE store_id = ANY ($1::integer[])
    ) AS d
    FULL JOIN (
        SELECT store_id, item_id, business_date,
            sum(greatest(quantity, 0)) AS due_in, sum(greatest(-quantity, 0)) AS due_out
        FROM entry
        WHERE store_id = ANY ($1::integer[])
        GROUP BY store_id, item_id, business_date
    ) AS e USING (store_id, item_id, business_date)
) AS f
WHERE quantity_in <> due_in OR quantity_out <> due_out
ORDER BY store_id, item_id, business_date
LIMIT 1
