-- What is kept, with its packs.
SELECT
    i.code, i.category, i.name_zh, i.name_en, i.unit, i.unit_en, i.standing,
    (
        SELECT coalesce(json_agg(json_build_object('name', name, 'quantity', quantity)
            ORDER BY quantity, name), '[]')
        FROM pack WHERE item_id = i.item_id
    ) AS packs,
    i.item_id AS cursor
FROM item AS i
WHERE ($2::bigint IS NULL
        OR i.item_id < $2) -- keyset
    AND ($3::item_category IS NULL OR i.category = $3)
ORDER BY i.item_id DESC -- keyset
LIMIT $1::integer
