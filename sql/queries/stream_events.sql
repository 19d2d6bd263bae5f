-- What events mean to whoever watches: of the logs $1, from $2 to $3. A level is as it is now, once
-- for each ledger that they touched, and comes behind the events.
--
-- The plan is made once, perhaps while the tables are empty: OFFSET 0 has it go from the events to
-- everything else by key, however they grow.
WITH fresh AS (
    SELECT s.code AS store, s.path, e.*, e.record::json->'body' AS body
    FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) AS grown (store_id, first, last)
    CROSS JOIN LATERAL (
        SELECT code, (SELECT path FROM place WHERE place_id = store.place_id)
        FROM store WHERE store_id = grown.store_id OFFSET 0
    ) AS s
    CROSS JOIN LATERAL (
        SELECT store_id, seq, at, type, actor, record FROM event
        WHERE store_id = grown.store_id AND seq BETWEEN grown.first AND grown.last OFFSET 0
    ) AS e
), touched AS (
    SELECT store_id, item_id, store, path, max(at) AS at
    FROM fresh AS f
    CROSS JOIN LATERAL (
        SELECT item_id FROM entry
        WHERE f.type IN ('slip_posted', 'slip_reversed')
            AND store_id = f.store_id AND event_seq = f.seq
        UNION ALL
        SELECT item_id FROM item WHERE f.type = 'thresholds_set' AND code = f.body->>'item'
        UNION ALL
        SELECT item_id FROM ledger WHERE f.type = 'readiness_set' AND store_id = f.store_id
        OFFSET 0
    ) AS item
    GROUP BY store_id, item_id, store, path
)
SELECT (extract(epoch FROM at) * 1000000)::bigint, path, kind, data
FROM (
    SELECT at, path, store_id, seq, NULL::integer AS item_id, 'slip' AS kind, body AS data
    FROM fresh
    WHERE type IN ('slip_posted', 'slip_reversed')
    UNION ALL
    SELECT
        at, path, store_id, seq, NULL, 'alert',
        json_build_object(
            'id', alert_id, 'store', store, 'item', body->'item', 'cause', body->'cause',
            'state', substr(type, length('alert_') + 1), 'at', at, 'by', actor,
            'on_hand', body->'on_hand', 'minimum', body->'minimum', 'target', body->'target',
            'value', body->'value', 'bound', body->'bound', 'window_days', body->'window_days',
            'note', body->'note', 'reason', body->'reason', 'snoozed_until', body->'until',
            'escalation', body->'escalation', 'escalated_to', body->'place', 'event_seq', seq
        )
    FROM fresh AS f
    CROSS JOIN LATERAL (
        SELECT alert_id FROM alert
        WHERE store_id = f.store_id
            AND opened_seq = coalesce((f.body->>'opened_seq')::bigint, f.seq) OFFSET 0
    ) AS alert
    WHERE type IN (
        'alert_opened', 'alert_acknowledged', 'alert_snoozed', 'alert_rearmed', 'alert_escalated',
        'alert_closed'
    )
    UNION ALL
    SELECT
        at, path, store_id, NULL, item_id, 'level',
        json_build_object(
            'store', store, 'item', (SELECT code FROM item WHERE item_id = t.item_id),
            'on_hand', on_hand, 'minimum', minimum, 'target', target, 'status', status
        )
    FROM touched AS t
    CROSS JOIN LATERAL (
        SELECT on_hand, minimum, target, status FROM level
        WHERE store_id = t.store_id AND item_id = t.item_id OFFSET 0
    ) AS level
) AS told
ORDER BY at, store_id, seq, item_id  -- levels last
