-- The guards of 0009 on numbers without gaps, one look-up a log or series: within one, the batch's own
-- least and count say whether it has a gap. In order of the key, so that no other index is ever as
-- good as the key's: one that begins with the store, too, would be walked for every row.

CREATE OR REPLACE FUNCTION slip_serial_follows() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    fault record;
BEGIN
    SELECT a.* INTO fault
    FROM (
        SELECT store_id, kind, business_date, min(serial) AS first,
            max(serial) - min(serial) + 1 - count(*) AS gaps
        FROM added GROUP BY store_id, kind, business_date
    ) AS a
    LEFT JOIN LATERAL (
        SELECT serial FROM slip
        WHERE store_id = a.store_id AND kind = a.kind AND business_date = a.business_date
            AND serial < a.first
        ORDER BY serial DESC LIMIT 1
    ) AS p ON true
    WHERE a.gaps <> 0 OR coalesce(p.serial, 0) <> a.first - 1
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a slip of store % at or after % skips a number on %',
            fault.store_id, fault.first, fault.business_date
            USING ERRCODE = 'check_violation', CONSTRAINT = 'slip_serial_follows', TABLE = 'slip';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION event_follows() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    fault record;
    types text;
    keys  text;
BEGIN
    SELECT a.* INTO fault
    FROM (
        SELECT store_id, min(seq) AS first, max(seq) - min(seq) + 1 - count(*) AS gaps
        FROM added GROUP BY store_id
    ) AS a
    LEFT JOIN LATERAL (
        SELECT seq FROM event
        WHERE store_id = a.store_id AND seq < a.first
        ORDER BY seq DESC LIMIT 1
    ) AS p ON true
    WHERE a.gaps <> 0 OR coalesce(p.seq, 0) <> a.first - 1
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'an event of log % at or after % skips a sequence',
            fault.store_id, fault.first
            USING ERRCODE = 'check_violation', CONSTRAINT = 'event_follows', TABLE = 'event';
    END IF;

    -- What they are made of, at once for all: a regular expression a row was a seventh of what
    -- PostgreSQL did for a slip. How long each may be is a constraint of the table.
    SELECT string_agg(type, ''), string_agg(idempotency_key, '') INTO types, keys FROM added;
    IF types !~ '^[a-z_]*$' THEN
        RAISE EXCEPTION 'the type of an event is no word'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'event_type_check', TABLE = 'event';
    END IF;
    IF keys !~ '^[A-Za-z0-9_:.-]*$' THEN
        RAISE EXCEPTION 'an idempotency key has characters that it may not have'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'event_idempotency_key_check',
                TABLE = 'event';
    END IF;
    RETURN NULL;
END $$;

ALTER TABLE event
    DROP CONSTRAINT event_type_check,
    DROP CONSTRAINT event_idempotency_key_check,
    ADD CONSTRAINT event_type_check CHECK (octet_length(type) BETWEEN 1 AND 40),
    ADD CONSTRAINT event_idempotency_key_check
        CHECK (octet_length(idempotency_key) BETWEEN 1 AND 64);
