-- Users, grants and what follows from them.
SELECT plan(17);

INSERT INTO place (code, parent_id, kind, name_zh, name_en) VALUES ('block', 1, 'community', '社区', 'B');
INSERT INTO place (code, kind, name_zh, name_en) VALUES ('far', 'district', '远', 'Far');
INSERT INTO app_user (username, display_name) VALUES
    ('张三', '张三'), ('root', 'Root'), ('second', 'Second'), ('far', 'Far');
INSERT INTO user_grant (user_id, role, place_id)
SELECT user_id, role::role, place_id
FROM (VALUES
    ('张三', 'storekeeper', 'block'), ('张三', 'auditor', 'town'), ('root', 'admin', 'town'),
    ('far', 'admin', 'far')
) AS granted (username, role, code)
JOIN app_user USING (username) JOIN place USING (code);

CREATE FUNCTION id(name text) RETURNS integer LANGUAGE sql AS $$
SELECT user_id FROM app_user WHERE username = name
$$;
CREATE FUNCTION place_path(name text) RETURNS integer[] LANGUAGE sql AS $$
SELECT path FROM place WHERE code = name
$$;

SELECT is(roles_at(id('张三'), place_path('block')), '{storekeeper,auditor}'::role[],
    'a grant holds for all below its place');
SELECT is(roles_at(id('张三'), place_path('town')), '{auditor}'::role[], 'and for nothing above');
SELECT is(roles_at(id('张三'), place_path('far')), NULL::role[], 'and for nothing beside');

SELECT is(administers(id('root'), place_path('block')), true, 'an administrator administers below');
SELECT is(administers(id('root'), place_path('far')), false, 'but not beside');
SELECT is(administers(id('张三'), place_path('block')), false, 'nor does another role');
SELECT is(administers(NULL, place_path('far')), true, 'the operator may');

SELECT is(user_refusal(id('root'), id('张三')), NULL, 'an administrator changes users of their places');
SELECT is(user_refusal(id('root'), id('far')), 'not_found', 'and does not know of others');
SELECT is(user_refusal(id('张三'), id('root')), 'forbidden', 'who administers nothing changes nobody');

SELECT is(last_admin_of(id('root'), NULL), 'town', 'the last administrator of a root place is known');
INSERT INTO user_grant SELECT id('second'), 'admin', place_id FROM place WHERE code = 'town';
SELECT is(last_admin_of(id('root'), NULL), NULL, 'with a second one, neither is the last');

SELECT refused(
    format('INSERT INTO app_user (username, display_name) VALUES (%L, ''x'')', name),
    'app_user_username_check', format('%L is no user name', name))
FROM unnest(ARRAY['', 'a b', E'a\tb']) AS name;
SELECT refused($$INSERT INTO app_user (username, display_name) VALUES ('root', 'x')$$,
    'app_user_username_key', 'a user name is one user''s');
SELECT refused(
    $$INSERT INTO session (token_hash, user_id, expires_at) VALUES ('\x00', 1, now())$$,
    'session_token_hash_check', 'a session is known by a SHA-256');

SELECT * FROM finish();
