-- The rules that count at the places granted ($1) and below, or at place $5.
SELECT page.*, asked.place AS "page.place"
FROM (
    SELECT NULL::integer AS place_id, NULL AS place WHERE $5::text IS NULL
    UNION ALL
    SELECT place_id, code FROM place WHERE code = $5 AND path && $1::integer[]
) AS asked
LEFT JOIN LATERAL (
    SELECT
        p.code AS place, r.cause, r.enabled, r.days, r.window_days, r.clear_percent,
        r.rearm_percent, r.escalate_minutes,
        CASE WHEN r.set_at <> p.place_id THEN (SELECT code FROM place WHERE place_id = r.set_at) END
            AS inherited_from,
        r.set_at IS NULL AS is_default,
        p.place_id AS cursor, r.n AS cursor2
    FROM place AS p
    JOIN alert_rule_at AS r USING (place_id)
    WHERE (asked.place_id IS NULL OR p.place_id = asked.place_id)
        AND p.path && $1
        AND ($3::bigint IS NULL OR p.place_id >= $3)
        AND ($3 IS NULL OR (p.place_id, r.n) > ($3, $4::bigint))
        AND ($6::text IS NULL OR r.cause = $6)
    ORDER BY p.place_id, r.n
    LIMIT $2::integer
) AS page ON true
ORDER BY page.cursor, page.cursor2
