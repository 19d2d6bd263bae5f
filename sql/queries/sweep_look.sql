-- The last run of the sweep of alerts, and its age in ms; when the next is due ($1 ms after it), takes
-- the lock for this session: t, it has it.
SELECT to_json(last_run) #>> '{}', extract(epoch FROM last_run), age,
    CASE WHEN age >= $1::bigint THEN pg_try_advisory_lock(8470, 7) ELSE false END
FROM sweep
CROSS JOIN LATERAL (
    SELECT (extract(epoch FROM now() - coalesce(last_run, since)) * 1000)::bigint
) AS run (age)
WHERE name = 'alert'
