-- The end of each store's log, what its tree is made of there, and its readiness.
UPDATE store_head AS h
SET event_seq = w.event_seq, readiness = w.readiness::readiness, frontier = w.frontier
FROM unnest($1::integer[], $2::bigint[], $3::text[], $4::bytea[])
    AS w (store_id, event_seq, readiness, frontier)
WHERE h.store_id = w.store_id
