-- The last slip numbers of the series that a batch continues; a null date is today.
SELECT s.store_id, s.kind, s.business_date, s.last_serial
FROM unnest($1::integer[], $2::text[], $3::date[]) AS w (store_id, kind, business_date)
JOIN slip_series AS s
    ON s.store_id = w.store_id AND s.kind = w.kind::slip_kind
    AND s.business_date = coalesce(w.business_date, CURRENT_DATE)
