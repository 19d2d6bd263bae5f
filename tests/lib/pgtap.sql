-- Run before each file of tests/sql: pgTAP, a few words for refusals, and a store with one in slip.
CREATE EXTENSION pgtap;

-- What comes of a statement, which is undone again: 'done', the constraint that it broke, or the
-- SQLSTATE of any other error. As a role, where one is given.
CREATE FUNCTION outcome(statement text, as_role text DEFAULT current_user)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    PERFORM set_config('role', as_role, true);
    EXECUTE statement;
    RAISE EXCEPTION USING ERRCODE = 'TZ000';
EXCEPTION
    WHEN SQLSTATE 'TZ000' THEN
        RETURN 'done';
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS name = CONSTRAINT_NAME;
        RETURN coalesce(nullif(name, ''), SQLSTATE);
END $$;

CREATE FUNCTION accepted(statement text, description text)
RETURNS text LANGUAGE sql AS $$
SELECT is(outcome(statement), 'done', description)
$$;

CREATE FUNCTION refused(statement text, why text, description text)
RETURNS text LANGUAGE sql AS $$
SELECT is(outcome(statement), why, description)
$$;

CREATE FUNCTION forbidden_to(as_role text, statement text)
RETURNS text LANGUAGE sql AS $$
SELECT is(outcome(statement, as_role), '42501', as_role || ' may not: ' || statement)
$$;

INSERT INTO place (code, kind, name_zh, name_en) VALUES ('town', 'district', '镇', 'Town');
INSERT INTO store (code, place_id, name_zh, name_en)
SELECT 'S', place_id, '库', 'Store' FROM place WHERE code = 'town';
INSERT INTO store_head (store_id, event_seq, frontier) VALUES (1, 1, sha256('\x007b7d'));
INSERT INTO ledger (store_id, item_id, balance, entry_seq) VALUES (1, 1, 10, 1), (1, 2, 0, 0);
INSERT INTO lot (store_id, item_id, lot_seq, lot, balance) VALUES (1, 1, 1, 'A', 10);
INSERT INTO slip
    (store_id, event_seq, kind, reason, business_date, serial, posted_at, posted_by)
VALUES (1, 1, 'in', 'donation', '2022-11-20', 1, '2022-11-20 09:00+08', 1);
INSERT INTO entry
    (store_id, item_id, seq, event_seq, quantity, balance_after, lot_seq, line, business_date)
VALUES (1, 1, 1, 1, 10, 10, 1, 0, '2022-11-20');
INSERT INTO event (store_id, seq, at, type, actor, record, leaf_hash)
VALUES (1, 1, '2022-11-20 09:00+08', 'slip', 'system', '{}', sha256('\x007b7d'));
