-- A run is over: how long it took ($1, ms), and what it did.
UPDATE sweep SET
    last_run = clock_timestamp(), took_ms = $1::integer,
    opened = $2::integer, rearmed = $3::integer, escalated = $4::integer, closed = $5::integer
WHERE name = 'alert'
