-- The rules again, for everyone who is not the C code.

-- Rule 1: posted slips, their entries and the log are append-only.
CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege',
            HINT = 'Undo a slip by posting its reversal.';
END $$;

CREATE TRIGGER slip_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON slip
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Rule 4: each balance follows from the one before, and the ledger holds the last.
-- Set-based, once a statement: a foreign key would cost a look-up and a lock a row.
CREATE FUNCTION entry_follows() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    fault record;
BEGIN
    -- The last one before: in order of the key, so that no other index is ever as good as the key's.
    SELECT a.store_id, a.item_id, a.seq INTO fault
    FROM added AS a
    LEFT JOIN LATERAL (
        SELECT seq, balance_after FROM entry
        WHERE store_id = a.store_id AND item_id = a.item_id AND seq < a.seq
        ORDER BY seq DESC LIMIT 1
    ) AS p ON true
    WHERE a.seq <> coalesce(p.seq, 0) + 1
        OR a.balance_after - a.quantity <> coalesce(p.balance_after, 0)
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

CREATE TRIGGER entry_follows AFTER INSERT ON entry
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION entry_follows();

-- Rule 5: no number of a series is skipped.
CREATE FUNCTION slip_serial_follows() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    fault record;
BEGIN
    SELECT a.* INTO fault
    FROM added AS a
    LEFT JOIN slip AS p
        ON p.store_id = a.store_id AND p.kind = a.kind
        AND p.business_date = a.business_date AND p.serial = a.serial - 1
    WHERE a.serial > 1 AND p.serial IS NULL
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'slip % of store % skips a number on %',
            fault.serial, fault.store_id, fault.business_date
            USING ERRCODE = 'check_violation', CONSTRAINT = 'slip_serial_follows', TABLE = 'slip';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER slip_serial_follows AFTER INSERT ON slip
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION slip_serial_follows();

-- The log has no gaps.
CREATE FUNCTION event_follows() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    fault record;
BEGIN
    SELECT a.store_id, a.seq INTO fault
    FROM added AS a
    LEFT JOIN event AS p ON p.store_id = a.store_id AND p.seq = a.seq - 1
    WHERE a.seq > 1 AND p.seq IS NULL
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'event % of log % skips a sequence', fault.seq, fault.store_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'event_follows', TABLE = 'event';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER event_follows AFTER INSERT ON event
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION event_follows();
