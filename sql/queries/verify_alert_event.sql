-- Alerts with a step that is not in the store's log, or is there of another alert.
SELECT store_id, format('%s %s', (SELECT code FROM item WHERE item_id = f.item_id), cause) AS place,
    format('%s #%s', coalesce(found, '–'), seq) AS found, type AS expected,
    count(*) OVER () AS faults
FROM (
    SELECT a.store_id, a.alert_id, a.item_id, a.cause, said.seq, said.type, e.type AS found,
        e.type = said.type AND CASE said.type
            WHEN 'alert_opened' THEN e.body->>'cause' = a.cause
                AND e.body->>'item' = (SELECT code FROM item WHERE item_id = a.item_id)
            ELSE (e.body->>'opened_seq')::bigint = a.opened_seq
        END AS good
    FROM alert AS a
    CROSS JOIN LATERAL (
        VALUES ('alert_opened', a.opened_seq),
            ('alert_rearmed', nullif(a.armed_seq, a.opened_seq)),
            ('alert_acknowledged', a.acknowledged_seq), ('alert_snoozed', a.snoozed_seq),
            ('alert_escalated', a.escalated_seq), ('alert_closed', a.closed_seq)
    ) AS said (type, seq)
    LEFT JOIN LATERAL (
        SELECT type, CASE WHEN type ~ '^alert_' THEN record::json->'body' END AS body
        FROM event
        WHERE store_id = a.store_id AND seq = said.seq
    ) AS e ON true
    WHERE a.store_id = ANY ($1::integer[]) AND said.seq IS NOT NULL
) AS f
WHERE good IS NOT TRUE
ORDER BY store_id, alert_id, seq
LIMIT 1
