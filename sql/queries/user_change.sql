-- Change a user ($2), by administrator $1 (NULL: the operator). NULL leaves display name ($3),
-- password ($4) or disabled ($5) as it is; a new password, or being disabled, ends their sessions.
WITH target AS (
    SELECT user_id, username, display_name, disabled_at IS NOT NULL AS disabled,
        user_refusal($1::integer, user_id) AS refusal
    FROM app_user WHERE username = $2::text AND username <> 'system'
), fault AS (
    SELECT CASE
        WHEN target IS NULL THEN 'not_found'
        WHEN refusal IS NOT NULL THEN refusal
        WHEN $5::boolean AND NOT disabled THEN 'last_admin:' || last_admin_of(user_id, NULL)
    END AS problem
    FROM (SELECT) AS always LEFT JOIN target ON true
), changed AS (
    UPDATE app_user SET
        display_name = coalesce($3::text, app_user.display_name),
        password_hash = coalesce($4::text, password_hash),
        disabled_at = CASE coalesce($5::boolean, disabled) WHEN true
            THEN coalesce(disabled_at, now()) END
    FROM target, fault
    WHERE problem IS NULL AND app_user.user_id = target.user_id AND (
        $4::text IS NOT NULL OR $3::text <> target.display_name OR $5::boolean <> disabled)
    RETURNING app_user.user_id
), ended AS (
    UPDATE session SET ended_at = now() FROM changed
    WHERE session.user_id = changed.user_id AND ended_at IS NULL
        AND ($4::text IS NOT NULL OR $5::boolean)
)
SELECT problem, CASE WHEN changed IS NULL THEN body END,
    CASE WHEN changed IS NOT NULL THEN body || CASE WHEN $4::text IS NULL THEN '{}'::jsonb
        ELSE '{"password_changed": true}' END END
FROM fault
LEFT JOIN target ON true
LEFT JOIN changed ON true,
LATERAL (SELECT jsonb_build_object(
    'username', username, 'display_name', coalesce($3::text, display_name),
    'disabled', coalesce($5::boolean, disabled), 'roles', user_roles(target.user_id))) AS b (body)
