-- The batch's entries, and with them the sums by ledger and business day.
WITH added AS (
    INSERT INTO entry (
        store_id, item_id, seq, event_seq, quantity, balance_after, lot_seq, line, business_date,
        pack_quantity, pack
    )
    SELECT e.*
    FROM unnest(
        $1::integer[], $2::integer[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
        $7::integer[], $8::integer[], $9::date[], $10::bigint[], $11::text[]
    ) AS e
    RETURNING store_id, item_id, business_date, quantity
)
INSERT INTO ledger_day (store_id, item_id, business_date, quantity_in, quantity_out)
SELECT store_id, item_id, business_date,
    sum(greatest(quantity, 0)), sum(greatest(-quantity, 0))
FROM added
GROUP BY store_id, item_id, business_date
ON CONFLICT (store_id, item_id, business_date) DO UPDATE SET
    quantity_in = ledger_day.quantity_in + excluded.quantity_in,
    quantity_out = ledger_day.quantity_out + excluded.quantity_out
