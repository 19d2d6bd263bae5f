-- Whose logs there are: every store that anything is written under, even where that is a fault.
SELECT held.store_id,
    CASE held.store_id WHEN 0 THEN '系统 system' ELSE coalesce(store.code, '#' || held.store_id) END
        AS name,
    CASE held.store_id WHEN 0 THEN '' ELSE store.code END AS record_code,
    coalesce(head.event_seq, 0) AS event_seq, encode(head.frontier, 'hex') AS frontier
FROM (
    SELECT store_id FROM store_head
    UNION SELECT store_id FROM store
    UNION SELECT store_id FROM event
    UNION SELECT store_id FROM slip
    UNION SELECT store_id FROM entry
    UNION SELECT store_id FROM checkpoint
    UNION SELECT store_id FROM log_tile
) AS held
LEFT JOIN store USING (store_id)
LEFT JOIN store_head AS head USING (store_id)
WHERE $1::text[] IS NULL OR store.code = ANY ($1)
ORDER BY held.store_id
