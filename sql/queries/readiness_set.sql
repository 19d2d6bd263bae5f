-- Place $1 and all below it go to readiness $2, for the reason $3.
WITH changed AS (
    UPDATE place SET readiness = $2::readiness
    WHERE path @> ARRAY[$1::integer] AND readiness <> $2::readiness
    RETURNING place_id
)
SELECT NULL,
    jsonb_build_object('place', p.code, 'readiness', $2::readiness, 'reason', $3::text),
    CASE WHEN EXISTS (SELECT FROM changed) THEN jsonb_build_object('place', p.code,
        'readiness', $2::readiness, 'reason', $3::text, 'places', (SELECT count(*) FROM changed))
    END
FROM place AS p
WHERE p.place_id = $1::integer
