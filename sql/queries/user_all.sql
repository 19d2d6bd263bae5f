-- Every user, for the command line.
SELECT username, display_name, CASE WHEN disabled_at IS NULL THEN '' ELSE 'disabled' END,
    (
        SELECT string_agg(role || '@' || place.code, ' ' ORDER BY role, place.code)
        FROM user_grant JOIN place USING (place_id)
        WHERE user_grant.user_id = app_user.user_id
    )
FROM app_user
WHERE username <> 'system'
ORDER BY username
