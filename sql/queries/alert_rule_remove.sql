-- Place $1 has no rule of its own for cause $2 any more; gives the one that counts from now on.
WITH removed AS (
    DELETE FROM alert_rule WHERE place_id = $1::integer AND cause = $2::text RETURNING place_id
)
SELECT CASE WHEN NOT EXISTS (SELECT FROM removed) THEN 'not_found' END, NULL,
    jsonb_build_object('place', p.code, 'cause', $2::text, 'enabled', r.enabled, 'days', r.days,
        'window_days', r.window_days, 'clear_percent', r.clear_percent,
        'rearm_percent', r.rearm_percent, 'escalate_minutes', r.escalate_minutes,
        'inherited_from', (SELECT code FROM place WHERE place_id = r.set_at),
        'is_default', r.set_at IS NULL)
FROM place AS p
CROSS JOIN LATERAL (
    SELECT enabled, days, window_days, clear_percent, rearm_percent, escalate_minutes,
        place_id AS set_at
    FROM alert_rule
    WHERE place_id = ANY (p.path) AND place_id <> p.place_id AND cause = $2
    UNION ALL
    SELECT enabled, days, window_days, clear_percent, rearm_percent, escalate_minutes, NULL
    FROM alert_rule_default WHERE cause = $2
    ORDER BY set_at DESC NULLS LAST
    LIMIT 1
) AS r
WHERE p.place_id = $1
