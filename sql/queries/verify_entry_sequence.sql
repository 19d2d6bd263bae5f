-- Ledgers whose entries are not numbered 1, 2, 3, … without a gap.
SELECT store_id, (SELECT code FROM item WHERE item_id = f.item_id) AS place,
    format('#%s → #%s', before, seq) AS found, '#' || before + 1 AS expected,
    count(*) OVER () AS faults
FROM (
    SELECT store_id, item_id, seq, coalesce(lag(seq) OVER ledger, 0) AS before
    FROM entry
    WHERE store_id = ANY ($1::integer[])
    WINDOW ledger AS (PARTITION BY store_id, item_id ORDER BY seq)
) AS f
WHERE seq <> before + 1
ORDER BY store_id, item_id, seq
LIMIT 1
