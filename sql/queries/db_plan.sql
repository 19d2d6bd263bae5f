-- How what follows on this connection is planned: once and by key ($1), or each time it runs.
SELECT
    set_config('plan_cache_mode', CASE WHEN $1 THEN 'force_generic_plan' ELSE 'force_custom_plan' END, false),
    set_config('enable_seqscan', other, false), set_config('enable_bitmapscan', other, false),
    set_config('enable_hashjoin', other, false), set_config('enable_mergejoin', other, false),
    set_config('enable_sort', other, false)
FROM (SELECT CASE WHEN $1::boolean THEN 'off' ELSE 'on' END) AS ways (other)
