-- The rule of cause $2 at place $1 and below.
WITH changed AS (
    INSERT INTO alert_rule AS r (
        place_id, cause, enabled, days, window_days, clear_percent, rearm_percent, escalate_minutes
    )
    VALUES ($1::integer, $2::text, $3::boolean, $4::integer, $5::integer, $6::integer, $7::integer,
        $8::integer)
    ON CONFLICT (place_id, cause) DO UPDATE SET
        enabled = EXCLUDED.enabled, days = EXCLUDED.days, window_days = EXCLUDED.window_days,
        clear_percent = EXCLUDED.clear_percent, rearm_percent = EXCLUDED.rearm_percent,
        escalate_minutes = EXCLUDED.escalate_minutes
    WHERE r IS DISTINCT FROM EXCLUDED
    RETURNING place_id
)
SELECT NULL, body, CASE WHEN EXISTS (SELECT FROM changed) THEN body END
FROM place,
LATERAL (SELECT jsonb_build_object('place', code, 'cause', $2, 'enabled', $3::boolean,
    'days', $4::integer, 'window_days', $5::integer, 'clear_percent', $6::integer,
    'rearm_percent', $7::integer, 'escalate_minutes', $8::integer, 'inherited_from', NULL,
    'is_default', false)) AS b (body)
WHERE place_id = $1
