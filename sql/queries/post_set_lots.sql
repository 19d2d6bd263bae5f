-- The balances of the lots that goods came into or went out of, some for the first time.
INSERT INTO lot (store_id, item_id, lot_seq, lot, expires, balance)
SELECT l.*
FROM unnest(
    $1::integer[], $2::integer[], $3::integer[], $4::text[], $5::date[], $6::bigint[]
) AS l
ON CONFLICT (store_id, item_id, lot_seq) DO UPDATE SET balance = excluded.balance
