-- Who is told what, and what the outbox refuses to hold.
SELECT plan(44);

INSERT INTO place (code, parent_id, kind, name_zh, name_en)
SELECT 'street', place_id, 'street', '街', 'Street' FROM place WHERE code = 'town';
INSERT INTO place (code, parent_id, kind, name_zh, name_en)
SELECT 'block', place_id, 'community', '社区', 'Block' FROM place WHERE code = 'street';
INSERT INTO place (code, kind, name_zh, name_en) VALUES ('far', 'district', '远', 'Far');
INSERT INTO app_user (username, display_name) VALUES
    ('keeper', 'K'), ('coordinator', 'C'), ('admin', 'A'), ('auditor', 'U');
INSERT INTO user_grant (user_id, role, place_id)
SELECT user_id, role::role, place_id
FROM (VALUES
    ('keeper', 'storekeeper', 'block'), ('coordinator', 'coordinator', 'street'),
    ('admin', 'admin', 'town'), ('auditor', 'auditor', 'town')
) AS granted (username, role, code)
JOIN app_user USING (username) JOIN place USING (code);

CREATE FUNCTION who(name text) RETURNS integer LANGUAGE sql AS $$
SELECT user_id FROM app_user WHERE username = name
$$;
CREATE FUNCTION at(name text) RETURNS integer LANGUAGE sql AS $$
SELECT place_id FROM place WHERE code = name
$$;
CREATE FUNCTION path_of(name text) RETURNS integer[] LANGUAGE sql AS $$
SELECT path FROM place WHERE code = name
$$;

INSERT INTO channel (kind, name, place_id, owner_id, address, language, enabled) VALUES
    ('webhook', 'town', at('town'), NULL, 'https://x/…', 'zh', true),
    ('webhook', 'block', at('block'), NULL, 'https://x/…', 'zh', true),
    ('webhook', 'off', at('town'), NULL, 'https://x/…', 'zh', false),
    ('webhook', 'removed', at('town'), NULL, 'https://x/…', 'zh', true),
    ('email', 'keeper', NULL, who('keeper'), 'k@x.test', 'zh', true),
    ('email', 'admin', NULL, who('admin'), 'a@x.test', 'zh', true),
    ('webhook', 'up', at('town'), NULL, 'https://x/…', 'zh', true),
    ('email', 'auditor', NULL, who('auditor'), 'u@x.test', 'zh', true);
UPDATE channel SET removed_at = now() WHERE name = 'removed';
INSERT INTO subscription (channel_id, place_id, cause, told)
SELECT channel_id, at(code), cause, told
FROM (VALUES
    ('town', 'town', NULL, 'opened'), ('block', 'block', 'low_stock', 'opened'),
    ('off', 'town', NULL, 'opened'), ('removed', 'town', NULL, 'opened'),
    ('keeper', 'town', NULL, 'opened'), ('admin', 'town', NULL, 'opened'),
    ('up', 'street', NULL, 'escalated'), ('auditor', 'town', 'checkpoint', 'opened'),
    ('keeper', 'block', 'checkpoint', 'opened')
) AS s (name, code, cause, told)
JOIN channel USING (name);

CREATE FUNCTION told(step text, because text, place text, escalation integer DEFAULT 0)
RETURNS text LANGUAGE sql AS $$
SELECT coalesce(string_agg(name, ' ' ORDER BY name), '')
FROM channels_told(step, because, path_of(place), escalation) AS told (channel_id)
JOIN channel USING (channel_id)
$$;

-- Which channels a step goes to.
SELECT is(told(step, because, place, escalation), expected,
    format('%s of %s at %s, %s up: %s', step, because, place, escalation, expected))
FROM (VALUES
    ('opened', 'low_stock', 'block', 0, 'block keeper town'),
    ('rearmed', 'low_stock', 'block', 0, 'block keeper town'),
    ('closed', 'low_stock', 'block', 0, 'block keeper town'),
    ('opened', 'expired', 'block', 0, 'keeper town'),
    ('opened', 'low_stock', 'street', 0, 'town'),
    ('opened', 'low_stock', 'far', 0, ''),
    ('escalated', 'low_stock', 'block', 1, 'up'),
    ('escalated', 'low_stock', 'block', 2, ''),
    ('escalated', 'low_stock', 'block', 9, ''),
    ('escalated', 'low_stock', 'street', 0, 'up'),
    ('opened', 'checkpoint', 'block', 0, 'auditor keeper'),
    ('opened', 'checkpoint', 'street', 0, 'auditor')
) AS rule (step, because, place, escalation, expected);
UPDATE app_user SET disabled_at = now() WHERE username = 'keeper';
SELECT is(told('opened', 'low_stock', 'block'), 'block town', 'whoever is shut out is told nothing');
UPDATE app_user SET disabled_at = NULL WHERE username = 'keeper';

-- Whose they are.
SELECT is(keeps_channel(who(name), at(place), NULL), expected, format('%s keeps those of %s: %s', name, place, expected))
FROM (VALUES
    ('admin', 'block', true), ('coordinator', 'block', true), ('coordinator', 'street', true),
    ('coordinator', 'town', false), ('keeper', 'block', false), ('auditor', 'town', false),
    ('admin', 'far', false)
) AS rule (name, place, expected);
SELECT is(keeps_channel(who('keeper'), NULL, who('keeper')), true, 'one''s own');
SELECT is(keeps_channel(who('admin'), NULL, who('keeper')), false, 'not somebody else''s');

-- A new checkpoint, of a store and of the system.
UPDATE store SET code = code;
SELECT notice_checkpoint(1, 7, E'tz/S\n7\nroot\n\n');
SELECT notice_checkpoint(0, 3, E'tz/system\n3\nroot\n\n');
SELECT is(
    (SELECT string_agg(store_id || ' ' || name, ', ' ORDER BY store_id, name)
        FROM notice JOIN channel USING (channel_id)),
    '0 auditor, 1 auditor', 'checkpoints go to who wants them and may see the log');
DELETE FROM notice;

-- What it refuses to hold.
SELECT refused(
    format('INSERT INTO channel (kind, name, place_id, owner_id, address, language) VALUES (%s)', row),
    'channel_' || why, 'no channel of ' || row)
FROM (VALUES
    ($$'email', 'x', NULL, NULL, 'a', 'zh'$$, 'check'),
    ($$'email', 'x', 1, 1, 'a', 'zh'$$, 'check'),
    ($$'E mail', 'x', 1, NULL, 'a', 'zh'$$, 'kind_check'),
    ($$'email', '', 1, NULL, 'a', 'zh'$$, 'name_check'),
    ($$'email', 'x', 1, NULL, 'a', 'fr'$$, 'language_check')
) AS bad (row, why);
SELECT refused($$UPDATE channel SET sealed_secret = '\x00' WHERE name = 'removed'$$, 'channel_check1',
    'a removed channel has no secrets');
SELECT refused(format('INSERT INTO subscription (channel_id, place_id, cause, told) VALUES (1, 1, %s)', row),
    'subscription_' || why, 'no subscription of ' || row)
FROM (VALUES
    ($$NULL, 'opened'$$, 'channel_id_place_id_cause_told_key'), ($$NULL, 'sometimes'$$, 'told_check'),
    ($$'Low', 'opened'$$, 'cause_check'), ($$'checkpoint', 'escalated'$$, 'check')
) AS bad (row, why);
SELECT refused(
    format('INSERT INTO message (channel_id, kind, content, notices, give_up_at, status, next_attempt_at, delivered_at)
        VALUES (1, %s)', row),
    'message_' || why, 'no message of ' || row)
FROM (VALUES
    ($$'alert', '{}', 1, now(), 'waiting', NULL, NULL$$, 'check'),
    ($$'alert', '{}', 1, now(), 'dead', now(), NULL$$, 'check'),
    ($$'alert', '{}', 1, now(), 'delivered', NULL, NULL$$, 'check1'),
    ($$'alert', '{}', 0, now(), 'waiting', now(), NULL$$, 'notices_check'),
    ($$'news', '{}', 1, now(), 'waiting', now(), NULL$$, 'kind_check')
) AS bad (row, why);
SELECT refused(
    format('INSERT INTO notice (channel_id, at, store_id, event_seq, kind, opened_seq, note) VALUES (1, now(), 1, 1, %s)', row),
    'notice_' || why, 'no notice of ' || row)
FROM (VALUES
    ($$'opened', NULL, NULL$$, 'check'), ($$'checkpoint', NULL, NULL$$, 'check1'), ($$'news', 1, NULL$$, 'kind_check')
) AS bad (row, why);

-- What is not told yet waits for what failed, ever longer, and for nothing else.
SELECT is(bundle_hold(n), hold, format('%s failed: %s', n, hold))
FROM (VALUES (0::bigint, interval '0'), (1, '2 minutes'), (2, '8 minutes')) AS rule (n, hold);

SELECT * FROM finish();
