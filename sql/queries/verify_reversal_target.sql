-- Reversals of no slip, of a slip of their own kind, of a reversal, or of a slip reversed before.
SELECT f.store_id,
    slip_number((SELECT code FROM store WHERE store_id = f.store_id), kind, business_date, serial)
        AS place,
    why AS found, '冲销一张未冲销的单据 reverses one slip, once' AS expected,
    count(*) OVER () AS faults
FROM (
    SELECT r.store_id, r.event_seq, r.kind, r.business_date, r.serial,
        CASE
            WHEN s.event_seq IS NULL THEN '原单不存在 no such slip: event ' || r.reverses
            WHEN s.event_seq >= r.event_seq THEN '原单在后 the slip comes later'
            WHEN s.kind = r.kind THEN '方向相同 same kind as the slip'
            WHEN s.reverses IS NOT NULL THEN '原单是冲销单 the slip is a reversal'
            WHEN row_number() OVER (PARTITION BY r.store_id, r.reverses ORDER BY r.event_seq) > 1
                THEN '重复冲销 reversed before'
        END AS why
    FROM slip AS r
    LEFT JOIN slip AS s ON s.store_id = r.store_id AND s.event_seq = r.reverses
    WHERE r.store_id = ANY ($1::integer[]) AND r.reverses IS NOT NULL
) AS f
WHERE why IS NOT NULL
ORDER BY f.store_id, event_seq
LIMIT 1
