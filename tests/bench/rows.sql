-- Only the rows that 500 slips leave in taizhang's three long tables, with their indexes: what the rest (the
-- answers to requests, what holds the rows against each other, balances, lots, trees) comes on top of. A record
-- of 620 bytes, as the slips of load.c have it, and as random keys as theirs.
\set store :client_id + 1
BEGIN;
WITH added AS MATERIALIZED (
    SELECT n, seq + n AS seq
    FROM (SELECT coalesce(max(seq), 0) AS seq FROM event WHERE store_id = :store) AS last,
        generate_series(1, 500) AS n
), events AS (
    INSERT INTO event
        (store_id, seq, at, type, actor, record, leaf_hash, idempotency_key, request_hash)
    SELECT :store, seq, now(), 'slip_posted', 'keeper', repeat('一次性口罩 N95;', 31),
        decode(repeat('ab', 32), 'hex'), md5(random()::text), decode(repeat('cd', 32), 'hex')
    FROM added
), slips AS (
    INSERT INTO slip (
        store_id, event_seq, kind, reason, business_date, serial, posted_by,
        counterparty, receiver, handler, document, posted_at
    )
    SELECT :store, seq, 'out', 'issue', CURRENT_DATE, seq, 1,
        '第12微网格', '张三', '李四', '领字2022-118', now()
    FROM added
)
INSERT INTO entry (
    store_id, item_id, seq, event_seq, quantity, balance_after, lot_seq, line, business_date
)
SELECT :store, 1 + n % 7, seq, seq, -1, 1000000000 - seq, 1, 0, CURRENT_DATE
FROM added;
COMMIT;
