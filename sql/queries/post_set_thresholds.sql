-- Thresholds; of an item that the store keeps none of yet, they open the ledger.
INSERT INTO ledger (
    store_id, item_id, normal_minimum, normal_target, emergency_minimum, emergency_target
)
SELECT t.*
FROM unnest(
    $1::integer[], $2::integer[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[]
) AS t
ON CONFLICT (store_id, item_id) DO UPDATE SET
    normal_minimum = excluded.normal_minimum,
    normal_target = excluded.normal_target,
    emergency_minimum = excluded.emergency_minimum,
    emergency_target = excluded.emergency_target
