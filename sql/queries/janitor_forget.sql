-- Forgets refusals older than $1 days, sessions that are over, and failed sign-ins long past.
WITH refusals AS (
    DELETE FROM refusal WHERE at < now() - make_interval(days => $1::integer)
), sessions AS (
    DELETE FROM session WHERE least(expires_at, ended_at) < now() - interval '7 days'
)
DELETE FROM sign_in_failure WHERE until < now() - interval '1 day'
