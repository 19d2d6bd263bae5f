-- The ends of logs that want a checkpoint by key $3: of the store $1; or where that is null, of all
-- that grew since their last one, if that is older than $2 ms, unless another process is at it.
-- note: the checkpoint that is there already.
WITH turn AS MATERIALIZED (
    SELECT $1::integer IS NOT NULL
        OR pg_try_advisory_xact_lock(hashtext('taizhang checkpoints')) AS mine
)
SELECT
    head.store_id, coalesce(store.code, 'system'), head.event_seq, head.frontier,
    there.note
FROM turn
JOIN store_head AS head ON mine
LEFT JOIN store USING (store_id)
LEFT JOIN checkpoint AS there
    ON there.store_id = head.store_id AND there.size = head.event_seq AND there.key_id = $3::integer
LEFT JOIN LATERAL (
    SELECT size, at FROM checkpoint
    WHERE store_id = head.store_id ORDER BY size DESC LIMIT 1
) AS last ON true
WHERE
    CASE WHEN $1 IS NOT NULL THEN head.store_id = $1
        ELSE head.event_seq > coalesce(last.size, 0)
            AND coalesce(last.at, '-infinity') <= now() - $2::double precision * interval '1 ms'
    END
ORDER BY head.store_id
LIMIT 200
