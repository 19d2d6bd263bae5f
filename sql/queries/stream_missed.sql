-- The logs at places $1 that grew since a moment ($2, microseconds of 1970), from where to where, as
-- stream_events.sql takes them; and by how many events in all.
SELECT array_agg(store_id), array_agg(first), array_agg(last), coalesce(sum(last - first + 1), 0)
FROM (
    SELECT h.store_id, event_seq_at(h.store_id, since) AS first, h.event_seq AS last
    FROM (SELECT timestamptz 'epoch' + $2::bigint * interval '1 microsecond' AS since) AS asked
    JOIN place AS p ON p.path && $1::integer[]
    JOIN store AS s USING (place_id)
    JOIN store_head AS h USING (store_id)
    JOIN event AS e ON e.store_id = h.store_id AND e.seq = h.event_seq AND e.at >= since
) AS grown
