-- Locks the stores of a batch, in order, so that batches never wait for each other in a circle.
SELECT h.store_id, s.code, h.event_seq, h.readiness,
    h.low_stock, h.out_of_stock, h.clear_percent, h.rearm_percent, h.frontier
FROM store_head AS h
JOIN store AS s USING (store_id)
WHERE h.store_id = ANY ($1::integer[])
ORDER BY h.store_id
FOR UPDATE OF h
