-- Alerts whose opening or closing is not in the store's log.
SELECT store_id, format('%s %s', (SELECT code FROM item WHERE item_id = f.item_id), cause) AS place,
    format('%s #%s', coalesce(found, '–'), seq) AS found, type AS expected,
    count(*) OVER () AS faults
FROM (
    SELECT a.store_id, a.alert_id, a.item_id, a.cause, said.seq, said.type, e.type AS found
    FROM alert AS a
    CROSS JOIN LATERAL (
        VALUES ('alert_opened', a.opened_seq), ('alert_closed', a.closed_seq)
    ) AS said (type, seq)
    LEFT JOIN event AS e ON e.store_id = a.store_id AND e.seq = said.seq
    WHERE a.store_id = ANY ($1::integer[]) AND said.seq IS NOT NULL
) AS f
WHERE found IS DISTINCT FROM type
ORDER BY store_id, alert_id, seq
LIMIT 1
