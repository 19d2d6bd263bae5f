-- The last run of the sweep of alerts, where one is due every $1 ms.
SELECT last_run, trim_scale($1::bigint / 1000.0) AS interval_s,
    now() - coalesce(last_run, since) > $1::bigint * interval '3 ms' AS late,
    took_ms, opened, rearmed, escalated, closed
FROM sweep WHERE name = 'alert'
