-- How many events a log has.
SELECT event_seq FROM store_head WHERE store_id = $1::integer
