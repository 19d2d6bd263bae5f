-- Alerts that are open though the balance does not ask for them, or the other way round.
SELECT store_id, format('%s %s', (SELECT code FROM item WHERE item_id = f.item_id), cause) AS place,
    CASE WHEN open THEN '开 open' ELSE '关 closed' END AS found,
    format('%s (%s / %s)', CASE WHEN due THEN '开 open' ELSE '关 closed' END, balance, minimum)
        AS expected,
    count(*) OVER () AS faults
FROM (
    SELECT l.store_id, l.item_id, cause, l.balance, minimum,
        CASE cause
            WHEN 'low_stock' THEN l.balance < minimum
            ELSE l.balance = 0 AND minimum > 0
        END AS due,
        EXISTS (
            SELECT FROM alert AS a
            WHERE a.store_id = l.store_id AND a.item_id = l.item_id AND a.cause = c.cause
                AND a.closed_at IS NULL
        ) AS open
    FROM (
        SELECT ledger.*, coalesce(
            CASE h.readiness WHEN 'normal' THEN normal_minimum ELSE emergency_minimum END, 0
        ) AS minimum
        FROM ledger JOIN store_head AS h USING (store_id)
    ) AS l
    CROSS JOIN (VALUES ('low_stock'), ('out_of_stock')) AS c (cause)
    WHERE l.store_id = ANY ($1::integer[])
) AS f
WHERE open <> due
ORDER BY store_id, item_id, cause
LIMIT 1
