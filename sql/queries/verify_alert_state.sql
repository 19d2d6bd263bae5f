-- Stock alerts that are open though the balance does not ask for them, or the other way round. One
-- of low stock may linger until the balance is clear of the minimum. What the clock opens is not
-- judged here: it stays as it is until the next sweep.
SELECT store_id, format('%s %s', (SELECT code FROM item WHERE item_id = f.item_id), cause) AS place,
    CASE WHEN open THEN '开 open' ELSE '关 closed' END AS found,
    format('%s (%s / %s)', CASE WHEN due THEN '开 open' ELSE '关 closed' END, balance, minimum)
        AS expected,
    count(*) OVER () AS faults
FROM (
    SELECT l.store_id, l.item_id, cause, l.balance, minimum,
        CASE cause
            WHEN 'low_stock' THEN low_stock AND l.balance < minimum
            ELSE out_of_stock AND l.balance = 0 AND minimum > 0
        END AS due,
        cause = 'low_stock' AND low_stock AND minimum > 0
            AND l.balance < clearing_level(minimum, target, clear_percent) AS lingers,
        EXISTS (
            SELECT FROM alert AS a
            WHERE a.store_id = l.store_id AND a.item_id = l.item_id AND a.cause = c.cause
                AND a.closed_at IS NULL
        ) AS open
    FROM (
        SELECT ledger.*, low_stock, out_of_stock, clear_percent,
            coalesce(
                CASE readiness WHEN 'normal' THEN normal_minimum ELSE emergency_minimum END, 0
            ) AS minimum,
            CASE readiness WHEN 'normal' THEN normal_target ELSE emergency_target END AS target
        FROM ledger JOIN store_head USING (store_id)
    ) AS l
    CROSS JOIN (VALUES ('low_stock'), ('out_of_stock')) AS c (cause)
    WHERE l.store_id = ANY ($1::integer[])
) AS f
WHERE due AND NOT open OR open AND NOT (due OR lingers)
ORDER BY store_id, item_id, cause
LIMIT 1
