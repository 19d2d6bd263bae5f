-- The service's role: what it is not granted here, it cannot do.

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO taizhang_service;

GRANT SELECT, INSERT ON slip, entry, event TO taizhang_service;
GRANT SELECT, INSERT, UPDATE ON
    store_head, ledger, lot, slip_series, ledger_day, alert,
    place, item, pack, store, app_user, session, api_token, sign_in_failure
    TO taizhang_service;
GRANT SELECT, INSERT, DELETE ON user_grant, refusal TO taizhang_service;
GRANT DELETE ON pack, session, sign_in_failure TO taizhang_service;
GRANT SELECT ON level, secret, schema_migration TO taizhang_service;
