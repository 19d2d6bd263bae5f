-- How what follows on this connection is planned: once and by key ($1), or each time it runs.
SELECT
    set_config('plan_cache_mode', CASE WHEN once THEN 'force_generic_plan' ELSE 'force_custom_plan' END, false),
    set_config('enable_seqscan', CASE WHEN once THEN 'off' ELSE 'on' END, false),
    set_config('enable_hashjoin', CASE WHEN once THEN 'off' ELSE 'on' END, false),
    set_config('enable_mergejoin', CASE WHEN once THEN 'off' ELSE 'on' END, false)
FROM (SELECT $1::boolean) AS plan (once)
