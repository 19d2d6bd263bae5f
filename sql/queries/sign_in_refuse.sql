-- A sign-in failed: count it against the user name and the address. Attempts that were under way
-- when the limit was reached are not answered, right or wrong.
WITH wait AS (
    SELECT sign_in_wait($1::text, $2::text) AS seconds
), counted AS (
    INSERT INTO sign_in_failure AS f (subject, failures, until)
    SELECT subject, 1, now()
    FROM wait, (VALUES ('user:' || $1::text), ('address:' || $2::text)) AS two (subject)
    WHERE seconds = 0
    ON CONFLICT (subject) DO UPDATE SET (failures, until) = (
        SELECT n, now() + sign_in_pause(f.subject, n)
        FROM (SELECT CASE WHEN f.until < now() - interval '15 minutes' THEN 1
                ELSE f.failures + 1 END AS n) AS next
    )
)
SELECT CASE WHEN seconds > 0 THEN 'too_many_attempts:' || seconds END,
    NULL, jsonb_build_object('username', $1::text)
FROM wait
