-- The guards of 0004, asking the tables once a ledger, log or series instead of once a row: what
-- precedes a row in its own batch is known without looking it up.

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
    -- In order of the key, so that no other index is ever as good as the key's.
    LEFT JOIN LATERAL (
        SELECT seq, balance_after FROM entry
        WHERE a.before IS NULL
            AND store_id = a.store_id AND item_id = a.item_id AND seq < a.seq
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
        SELECT store_id, kind, business_date, serial,
            lag(serial) OVER (PARTITION BY store_id, kind, business_date ORDER BY serial) AS before
        FROM added
    ) AS a
    LEFT JOIN slip AS p
        ON a.before IS NULL AND p.store_id = a.store_id AND p.kind = a.kind
        AND p.business_date = a.business_date AND p.serial = a.serial - 1
    WHERE a.serial > 1 AND coalesce(a.before, p.serial, 0) <> a.serial - 1
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'slip % of store % skips a number on %',
            fault.serial, fault.store_id, fault.business_date
            USING ERRCODE = 'check_violation', CONSTRAINT = 'slip_serial_follows', TABLE = 'slip';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION event_follows() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    fault record;
BEGIN
    SELECT a.store_id, a.seq INTO fault
    FROM (
        SELECT store_id, seq, lag(seq) OVER (PARTITION BY store_id ORDER BY seq) AS before
        FROM added
    ) AS a
    LEFT JOIN event AS p
        ON a.before IS NULL AND p.store_id = a.store_id AND p.seq = a.seq - 1
    WHERE a.seq > 1 AND coalesce(a.before, p.seq, 0) <> a.seq - 1
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'event % of log % skips a sequence', fault.seq, fault.store_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'event_follows', TABLE = 'event';
    END IF;
    RETURN NULL;
END $$;
