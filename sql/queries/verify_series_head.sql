-- Series whose head is not the last number given.
SELECT store_id, format('%s %s', CASE kind WHEN 'in' THEN 'RK' ELSE 'CK' END, business_date) AS place,
    coalesce(last_serial::text, '–') AS found, due AS expected, count(*) OVER () AS faults
FROM (
    SELECT store_id, kind, business_date, last_serial, coalesce(due, 0) AS due
    FROM (
        SELECT store_id, kind, business_date, last_serial FROM slip_series
        WHERE store_id = ANY ($1::integer[])
    ) AS h
    FULL JOIN (
        SELECT store_id, kind, business_date, max(serial) AS due FROM slip
        WHERE store_id = ANY ($1::integer[])
        GROUP BY store_id, kind, business_date
    ) AS s USING (store_id, kind, business_date)
) AS f
WHERE last_serial IS DISTINCT FROM due
ORDER BY store_id, business_date, kind
LIMIT 1
