-- Stores at or below place $1 (NULL: all) that do not follow the rules of stock alerts at their place.
SELECT s.store_id, r.low_stock, r.out_of_stock, r.clear_percent, r.rearm_percent
FROM store AS s
JOIN place AS p USING (place_id)
JOIN store_head AS h USING (store_id)
JOIN stock_rule_at AS r USING (place_id)
WHERE (h.low_stock, h.out_of_stock, h.clear_percent, h.rearm_percent)
        IS DISTINCT FROM (r.low_stock, r.out_of_stock, r.clear_percent, r.rearm_percent)
    AND ($1::integer IS NULL OR p.path @> ARRAY[$1::integer])
ORDER BY s.store_id
