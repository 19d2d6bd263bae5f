-- Slip numbers that are missing: each names the number that the next slip in the series skips.
SELECT store_id,
    slip_number(coalesce((SELECT code FROM store WHERE store_id = f.store_id), '#' || store_id),
        kind, business_date, before + 1) AS place,
    format('%s → %s', before, serial) AS found, before + 1 AS expected,
    count(*) OVER () AS faults
FROM (
    SELECT store_id, kind, business_date, serial, coalesce(lag(serial) OVER series, 0) AS before
    FROM slip
    WHERE store_id = ANY ($1::integer[])
    WINDOW series AS (PARTITION BY store_id, kind, business_date ORDER BY serial)
) AS f
WHERE serial <> before + 1
ORDER BY store_id, business_date, kind, serial
LIMIT 1
