-- The last slip numbers given.
INSERT INTO slip_series (store_id, kind, business_date, last_serial)
SELECT s.store_id, s.kind::slip_kind, s.business_date, s.last_serial
FROM unnest($1::integer[], $2::text[], $3::date[], $4::integer[])
    AS s (store_id, kind, business_date, last_serial)
ON CONFLICT (store_id, kind, business_date) DO UPDATE SET last_serial = excluded.last_serial
