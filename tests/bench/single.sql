\set item random(1, :balances)
BEGIN;
UPDATE balance SET on_hand = on_hand - 1, seq = seq + 1 WHERE item = :item AND on_hand >= 1 RETURNING seq, on_hand \gset
INSERT INTO slip (kind, reason, counterparty, receiver, handler, document) VALUES ('out', 'issue', '第12微网格', '张三', '李四', '领字2022-118') RETURNING slip \gset
INSERT INTO entry (item, seq, slip, quantity, balance_after) VALUES (:item, :seq, :slip, -1, :on_hand);
COMMIT;
