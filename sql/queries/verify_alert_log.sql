-- Logs that open or close more alerts than there are, or fewer.
SELECT store_id, type AS place, kept AS found, said AS expected, count(*) OVER () AS faults
FROM (
    SELECT log.store_id, t.type,
        (
            SELECT count(*) FROM event
            WHERE store_id = log.store_id AND event.type = t.type
        ) AS said,
        (
            SELECT count(*) FROM alert
            WHERE store_id = log.store_id AND (t.type = 'alert_opened' OR closed_seq IS NOT NULL)
        ) AS kept
    FROM unnest($1::integer[]) AS log (store_id)
    CROSS JOIN (VALUES ('alert_opened'), ('alert_closed')) AS t (type)
) AS f
WHERE said <> kept
ORDER BY store_id, type
LIMIT 1
