-- Which of the slips that a batch would reverse have been reversed, and by what.
SELECT s.store_id, s.reverses, slip_number(t.code, s.kind, s.business_date, s.serial)
FROM unnest($1::integer[], $2::bigint[]) AS w (store_id, event_seq)
JOIN slip AS s ON s.store_id = w.store_id AND s.reverses = w.event_seq
JOIN store AS t ON t.store_id = s.store_id
