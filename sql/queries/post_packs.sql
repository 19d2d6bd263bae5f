-- The packs of the items that a batch names in packs.
SELECT i.code, p.name, p.quantity
FROM (SELECT DISTINCT unnest($1::text[]) AS code) AS w
JOIN item AS i USING (code)
JOIN pack AS p USING (item_id)
