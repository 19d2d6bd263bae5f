-- How many events a log has; and of event $2, when it is a slip's, the exact bytes that its leaf hash is of.
SELECT
    event_seq,
    (
        SELECT record FROM event
        WHERE store_id = $1::integer AND seq = $2::bigint AND type IN ('slip_posted', 'slip_reversed')
    ) AS record
FROM store_head WHERE store_id = $1::integer
