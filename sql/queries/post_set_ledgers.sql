-- The balances of the ledgers that got entries, some for the first time; $6 is the batch's time.
INSERT INTO ledger (store_id, item_id, balance, entry_seq, lot_count, last_entry_at)
SELECT l.*, $6::timestamptz
FROM unnest($1::integer[], $2::integer[], $3::bigint[], $4::bigint[], $5::integer[]) AS l
ON CONFLICT (store_id, item_id) DO UPDATE SET
    balance = excluded.balance,
    entry_seq = excluded.entry_seq,
    lot_count = excluded.lot_count,
    last_entry_at = excluded.last_entry_at
