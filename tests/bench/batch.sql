\set first :client_id * 7
BEGIN;
WITH wanted AS MATERIALIZED (
    SELECT
        nextval('slip_slip_seq') AS slip, s.item + :first AS item, s.quantity,
        s.counterparty, s.receiver, s.handler, s.document
    FROM unnest(
        :items::integer[], :quantities::bigint[], :counterparties::text[], :receivers::text[],
        :handlers::text[], :documents::text[]
    ) AS s (item, quantity, counterparty, receiver, handler, document)
), taken AS (
    UPDATE balance AS b
    SET on_hand = b.on_hand - w.quantity, seq = b.seq + w.slips
    FROM (
        SELECT item, sum(quantity)::bigint AS quantity, count(*) AS slips FROM wanted GROUP BY item
    ) AS w
    WHERE b.item = w.item AND b.on_hand >= w.quantity
    RETURNING b.item, b.on_hand + w.quantity AS on_hand, b.seq - w.slips AS seq
), written AS (
    INSERT INTO slip (slip, kind, reason, counterparty, receiver, handler, document)
    SELECT slip, 'out', 'issue', counterparty, receiver, handler, document
    FROM wanted JOIN taken USING (item)
)
INSERT INTO entry (item, seq, slip, quantity, balance_after)
SELECT
    item, t.seq + row_number() OVER ledger, slip, -quantity, t.on_hand - sum(quantity) OVER ledger
FROM wanted JOIN taken AS t USING (item)
WINDOW ledger AS (PARTITION BY item ORDER BY slip);
COMMIT;
