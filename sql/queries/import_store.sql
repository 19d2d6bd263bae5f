-- The store that a file is imported into, and the user who posts.
SELECT store.store_id, app_user.user_id
FROM store
LEFT JOIN app_user ON app_user.username = $2::text AND app_user.disabled_at IS NULL
WHERE store.code = $1::text
