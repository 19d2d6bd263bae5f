-- The end of each store's log, and its readiness.
UPDATE store_head AS h
SET event_seq = w.event_seq, readiness = w.readiness::readiness
FROM unnest($1::integer[], $2::bigint[], $3::text[]) AS w (store_id, event_seq, readiness)
WHERE h.store_id = w.store_id
