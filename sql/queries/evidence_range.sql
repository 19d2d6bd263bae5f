-- The events of a store's log from one day to another, of the first so many that there are.
SELECT
    least(CASE WHEN $2::date IS NULL THEN 1 ELSE event_seq_at($1::integer, $2) END, $4::bigint + 1)
        AS first,
    least(CASE WHEN $3::date IS NULL THEN $4 ELSE event_seq_at($1, $3 + 1) - 1 END, $4) AS last
