-- The guards of 0009 and 0010, looking at one row of an index where they looked at a page of it: asked
-- for the last one before, PostgreSQL reads all of its page, though only the one with the number before
-- will do. Asked for as a range, so that no other index than the key's is in that order.

CREATE OR REPLACE FUNCTION entry_follows() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    fault record;
BEGIN
    SELECT a.store_id, a.item_id, a.seq INTO fault
    FROM (
        SELECT store_id, item_id, seq, quantity, balance_after,
            lag(seq) OVER batch AS before, lag(balance_after) OVER batch AS balance_before
        FROM added
        WINDOW batch AS (PARTITION BY store_id, item_id ORDER BY seq)
    ) AS a
    LEFT JOIN LATERAL (
        SELECT seq, balance_after FROM entry
        WHERE a.before IS NULL
            AND store_id = a.store_id AND item_id = a.item_id
            AND seq BETWEEN a.seq - 1 AND a.seq - 1
        ORDER BY seq DESC LIMIT 1
    ) AS p ON true
    WHERE a.seq <> coalesce(a.before, p.seq, 0) + 1
        OR a.balance_after - a.quantity <> coalesce(a.balance_before, p.balance_after, 0)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % of ledger %/% does not follow from the one before',
            fault.seq, fault.store_id, fault.item_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_follows', TABLE = 'entry';
    END IF;

    SELECT last.store_id, last.item_id, last.seq INTO fault
    FROM (
        SELECT DISTINCT ON (store_id, item_id) store_id, item_id, seq, balance_after
        FROM added ORDER BY store_id, item_id, seq DESC
    ) AS last
    LEFT JOIN ledger AS l ON l.store_id = last.store_id AND l.item_id = last.item_id
    WHERE (l.entry_seq, l.balance) IS DISTINCT FROM (last.seq, last.balance_after)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger %/% does not hold the balance of its last entry %',
            fault.store_id, fault.item_id, fault.seq
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_is_last_entry', TABLE = 'entry';
    END IF;

    SELECT a.store_id, a.event_seq INTO fault
    FROM added AS a
    LEFT JOIN slip AS s ON s.store_id = a.store_id AND s.event_seq = a.event_seq
    WHERE s.kind IS DISTINCT FROM CASE WHEN a.quantity > 0 THEN 'in'::slip_kind ELSE 'out' END
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'an entry of slip %/% has no slip or the wrong sign',
            fault.store_id, fault.event_seq
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_of_slip', TABLE = 'entry';
    END IF;
    RETURN NULL;
END $$;

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
            AND serial BETWEEN a.first - 1 AND a.first - 1
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
        WHERE store_id = a.store_id AND seq BETWEEN a.first - 1 AND a.first - 1
        ORDER BY seq DESC LIMIT 1
    ) AS p ON true
    WHERE a.gaps <> 0 OR coalesce(p.seq, 0) <> a.first - 1
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'an event of log % at or after % skips a sequence',
            fault.store_id, fault.first
            USING ERRCODE = 'check_violation', CONSTRAINT = 'event_follows', TABLE = 'event';
    END IF;

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

-- What is only asked for being the same is compared byte by byte, not as the locale would sort it.
ALTER TABLE event ALTER idempotency_key TYPE text COLLATE "C";
ALTER TABLE refusal ALTER idempotency_key TYPE text COLLATE "C";
ALTER TABLE slip ALTER counterparty TYPE text COLLATE "C";
