-- Entries that took a lot below zero when they were posted.
SELECT store_id, format('%s #%s', (SELECT code FROM item WHERE item_id = f.item_id), seq) AS place,
    left_over AS found, '≥ 0' AS expected, count(*) OVER () AS faults
FROM (
    SELECT store_id, item_id, seq, sum(quantity) OVER lot AS left_over
    FROM entry
    WHERE store_id = ANY ($1::integer[])
    WINDOW lot AS (PARTITION BY store_id, item_id, lot_seq ORDER BY seq)
) AS f
WHERE left_over < 0
ORDER BY store_id, item_id, seq
LIMIT 1
