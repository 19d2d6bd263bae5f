-- Ledgers that do not hold what their entries add up to, or the last one's sequence.
SELECT store_id, (SELECT code FROM item WHERE item_id = f.item_id) AS place,
    format('%s (#%s)', coalesce(balance::text, '–'), coalesce(entry_seq::text, '–')) AS found,
    format('%s (#%s)', due, last_seq) AS expected,
    count(*) OVER () AS faults
FROM (
    SELECT store_id, item_id, balance, entry_seq,
        coalesce(due, 0) AS due, coalesce(last_seq, 0) AS last_seq
    FROM (
        SELECT store_id, item_id, balance, entry_seq FROM ledger
        WHERE store_id = ANY ($1::integer[])
    ) AS l
    FULL JOIN (
        SELECT store_id, item_id, sum(quantity) AS due, max(seq) AS last_seq FROM entry
        WHERE store_id = ANY ($1::integer[]) GROUP BY store_id, item_id
    ) AS e USING (store_id, item_id)
) AS f
WHERE (balance, entry_seq) IS DISTINCT FROM (due::bigint, last_seq)
ORDER BY store_id, item_id
LIMIT 1
