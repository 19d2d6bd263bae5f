-- Levels summed up the tree: every place granted or below one ($1), or at and below $5, that has
-- stores at or below it, and every item they keep ledgers of.
SELECT page.*, asked.place AS "page.place"
FROM (
    SELECT NULL::integer AS place_id, NULL AS place WHERE $5::text IS NULL
    UNION ALL
    SELECT place_id, code FROM place WHERE code = $5 AND path && $1::integer[]
) AS asked
LEFT JOIN LATERAL (
    SELECT
        p.code AS place, p.kind AS place_kind, p.name_zh AS place_name_zh,
        p.name_en AS place_name_en, i.code AS item, i.name_zh, i.name_en, i.category, i.unit,
        i.unit_en, sums.on_hand, sums.minimum, sums.target, sums.status,
        sums.stores, sums.stores_low, sums.stores_out,
        p.place_id AS cursor, i.item_id AS cursor2
    FROM place AS p
    CROSS JOIN LATERAL (
        SELECT *, CASE WHEN on_hand = 0 THEN 'out' WHEN on_hand < minimum THEN 'low' ELSE 'ok' END
            AS status
        FROM (
            SELECT
                v.item_id, sum(v.on_hand) AS on_hand, sum(v.minimum) AS minimum,
                sum(v.target) AS target, count(*) AS stores,
                count(*) FILTER (WHERE v.status = 'low') AS stores_low,
                count(*) FILTER (WHERE v.status = 'out') AS stores_out
            FROM place AS below
            JOIN store USING (place_id)
            JOIN level AS v USING (store_id)
            WHERE below.path @> ARRAY[p.place_id]
                AND ($6::text IS NULL OR v.item_id = (SELECT item_id FROM item WHERE code = $6))
            GROUP BY v.item_id
        ) AS levels
    ) AS sums
    JOIN item AS i USING (item_id)
    WHERE p.path && CASE WHEN $5 IS NULL THEN $1 ELSE ARRAY[asked.place_id] END
        AND ($3::bigint IS NULL OR p.place_id >= $3)
        AND ($3 IS NULL OR (p.place_id, i.item_id) > ($3, $4::bigint))
        AND ($7::text IS NULL OR sums.status = $7)
    ORDER BY p.place_id, i.item_id
    LIMIT $2::integer
) AS page ON true
ORDER BY page.cursor, page.cursor2
