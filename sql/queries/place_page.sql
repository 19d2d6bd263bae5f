-- The places granted ($1) and all below them, and those above, so that the tree hangs together.
SELECT
    p.code, p.kind, p.name_zh, p.name_en, parent.code AS parent, p.readiness,
    p.path && $1::integer[] AS granted,
    p.place_id AS cursor
FROM place AS p
LEFT JOIN place AS parent ON parent.place_id = p.parent_id
WHERE (
        p.path && $1
        OR p.place_id IN (SELECT unnest(path) FROM place WHERE place_id = ANY ($1))
    )
    AND ($3::bigint IS NULL
        OR p.place_id < $3) -- keyset
    AND ($4::place_kind IS NULL OR p.kind = $4)
ORDER BY p.place_id DESC -- keyset
LIMIT $2::integer
