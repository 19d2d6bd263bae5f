-- Where streams ($1) may look by now: a row for each whose secret ($2) is good and has one of the
-- roles $3 somewhere, in order, with the milliseconds for which it stays good.
SELECT
    asked.n, array_agg(DISTINCT place_id),
    (extract(epoch FROM secret.expires_at - now()) * 1000)::bigint
FROM unnest($1::bigint[], $2::bytea[]) AS asked (n, token_hash)
JOIN secret USING (token_hash)
JOIN app_user USING (user_id)
JOIN user_grant USING (user_id)
WHERE disabled_at IS NULL AND role = ANY ($3::role[])
GROUP BY asked.n, secret.expires_at
ORDER BY asked.n
