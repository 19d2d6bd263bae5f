-- The ways out to people: channels, what each is told of, and what waits to be sent.

-- Of a place, kept by whoever coordinates or administers there; or of a person, who keeps it.
-- Removed ones stay, without their secrets, as what was sent names them.
CREATE TABLE channel (
    channel_id     integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind           text NOT NULL CHECK (kind ~ '^[a-z]{1,20}$'),  -- the program knows which there are
    name           text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    place_id       integer REFERENCES place,
    owner_id       integer REFERENCES app_user,
    address        text NOT NULL CHECK (length(address) <= 400),  -- of a URL only what may be shown
    sealed_address bytea,  -- the URL, which lets whoever has it write there; null: address is whole
    sealed_secret  bytea,
    language       text NOT NULL CHECK (language IN ('zh', 'en')),
    enabled        boolean NOT NULL DEFAULT true,
    created_at     timestamptz NOT NULL DEFAULT now(),
    removed_at     timestamptz,
    free_at        timestamptz NOT NULL DEFAULT '-infinity',  -- nothing is sent before: rate and lease
    tested_at      timestamptz NOT NULL DEFAULT '-infinity',
    CHECK (num_nonnulls(place_id, owner_id) = 1),
    CHECK (removed_at IS NULL OR num_nonnulls(sealed_address, sealed_secret) = 0)
) WITH (fillfactor = 50);

CREATE INDEX channel_place ON channel (place_id) WHERE removed_at IS NULL;
CREATE INDEX channel_owner ON channel (owner_id) WHERE removed_at IS NULL;

-- What a channel is told of: alerts of one cause (null: of any), or checkpoints. With "opened", of the
-- stores at the place or below, when they open, are armed again and close; with "escalated", when they
-- come up to this very place.
CREATE TABLE subscription (
    subscription_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel_id      integer NOT NULL REFERENCES channel,
    place_id        integer NOT NULL REFERENCES place,
    cause           text CHECK (cause ~ '^[a-z_]{1,40}$'),
    told            text NOT NULL CHECK (told IN ('opened', 'escalated')),
    created_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (channel_id, place_id, cause, told),
    CHECK (cause IS DISTINCT FROM 'checkpoint' OR told = 'opened')
);

CREATE INDEX subscription_place ON subscription (place_id, told);

-- What is sent: once made, it says the same however often it has to be sent. While it is under way,
-- next_attempt_at is when it is sent again should nobody say how it went.
CREATE TABLE message (
    message_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id              uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),  -- as its receiver knows it
    channel_id      integer NOT NULL REFERENCES channel,
    kind            text NOT NULL CHECK (kind IN ('alert', 'checkpoint')),
    content         json NOT NULL,
    notices         integer NOT NULL CHECK (notices > 0),
    created_at      timestamptz NOT NULL DEFAULT now(),
    status          text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'delivered', 'dead')),
    attempts        integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    attempted_at    timestamptz,
    next_attempt_at timestamptz DEFAULT now(),
    give_up_at      timestamptz NOT NULL,
    delivered_at    timestamptz,
    last_error      text CHECK (length(last_error) <= 300),
    CHECK ((status = 'waiting') = (next_attempt_at IS NOT NULL)),
    CHECK ((status = 'delivered') = (delivered_at IS NOT NULL))
) WITH (fillfactor = 70);

-- However much was ever sent, these hold only what is left to do.
CREATE INDEX message_waiting ON message (channel_id, next_attempt_at) WHERE status = 'waiting';
CREATE INDEX message_dead ON message (channel_id, message_id) WHERE status = 'dead';
CREATE INDEX message_channel ON message (channel_id, message_id);
CREATE INDEX message_delivered ON message (channel_id, delivered_at) WHERE status = 'delivered';
CREATE INDEX message_created ON message (created_at);

-- A channel is to be told of this step of an alert, or of this checkpoint: written with it. Neither
-- channels nor alerts are ever deleted: foreign keys would cost posting a look-up and a lock a row, and
-- have it meet whoever sends or changes a channel.
CREATE TABLE notice (
    notice_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel_id integer NOT NULL,
    message_id bigint REFERENCES message ON DELETE CASCADE,  -- the one that tells it; null: none yet
    at         timestamptz NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('opened', 'rearmed', 'escalated', 'closed', 'checkpoint')),
    store_id   integer NOT NULL,
    event_seq  bigint NOT NULL,  -- the event that says so; of a checkpoint, the tree's size
    opened_seq bigint,  -- which alert
    escalation integer NOT NULL DEFAULT 0 CHECK (escalation >= 0),
    note       text,  -- a checkpoint, signed
    CHECK ((kind = 'checkpoint') = (opened_seq IS NULL)),
    CHECK ((kind = 'checkpoint') = (note IS NOT NULL))
) WITH (fillfactor = 70);

CREATE INDEX notice_waiting ON notice (channel_id, at) WHERE message_id IS NULL;
CREATE INDEX notice_message ON notice (message_id) WHERE message_id IS NOT NULL;

-- Does this user keep a channel of that place or of that person?
CREATE FUNCTION keeps_channel(who integer, its_place integer, its_owner integer)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT coalesce(
    its_owner = who
    OR roles_at(who, (SELECT path FROM place WHERE place_id = its_place)) && '{coordinator,admin}',
    false)
$$;

-- What may be shown of a channel.
CREATE FUNCTION channel_settings(c channel)
RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT jsonb_build_object(
    'id', c.channel_id, 'kind', c.kind, 'name', c.name,
    'place', (SELECT code FROM place WHERE place_id = c.place_id),
    'owner', (SELECT username FROM app_user WHERE user_id = c.owner_id),
    'address', c.address, 'has_secret', c.sealed_secret IS NOT NULL,
    'language', c.language, 'enabled', c.enabled)
$$;

-- May this user see the alerts of what lies at a place? NULL, a place's own channel, may.
CREATE FUNCTION sees_alerts(who integer, place_path integer[])
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT who IS NULL OR EXISTS (
    SELECT FROM user_grant JOIN app_user USING (user_id)
    WHERE user_id = who AND place_id = ANY (place_path) AND role <> 'admin' AND disabled_at IS NULL
)
$$;

-- The channels that a step of an alert goes to: of a store whose place has this path, and come up so
-- many places. A personal one gets only what its owner may see now.
CREATE FUNCTION channels_told(step text, because text, place_path integer[], escalation integer)
RETURNS SETOF integer LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT DISTINCT channel_id
FROM subscription AS s JOIN channel AS c USING (channel_id)
WHERE s.place_id = ANY (
        CASE step
            WHEN 'escalated' THEN ARRAY[place_path[cardinality(place_path) - escalation]]
            ELSE place_path
        END)
    AND s.told = CASE step WHEN 'escalated' THEN 'escalated' ELSE 'opened' END
    AND (s.cause = because OR s.cause IS NULL AND because <> 'checkpoint')
    AND c.enabled AND c.removed_at IS NULL AND sees_alerts(c.owner_id, place_path)
$$;

-- A new checkpoint of a log is for those who want checkpoints; the system's log (0) has no place but
-- the roots, where auditors see it.
CREATE FUNCTION notice_checkpoint(log integer, size bigint, signed text)
RETURNS void LANGUAGE sql AS $$
WITH added AS (
    INSERT INTO notice (channel_id, at, kind, store_id, event_seq, note)
    SELECT channel_id, now(), 'checkpoint', log, size, signed
    FROM (
        SELECT channel_id
        FROM store JOIN place USING (place_id),
            LATERAL channels_told('opened', 'checkpoint', path, 0) AS told (channel_id)
        WHERE store_id = log
        UNION
        SELECT channel_id
        FROM place, LATERAL channels_told('opened', 'checkpoint', path, 0) AS told (channel_id)
        JOIN channel AS c USING (channel_id)
        WHERE log = 0 AND parent_id IS NULL
            AND (owner_id IS NULL OR 'auditor' = ANY (roles_at(owner_id, path)))
    ) AS told
    RETURNING channel_id
)
SELECT pg_notify('taizhang_outbox', '') FROM (SELECT FROM added LIMIT 1) AS told
$$;

CREATE FUNCTION checkpoint_told() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM notice_checkpoint(NEW.store_id, NEW.size, NEW.note);
    RETURN NULL;
END $$;

CREATE TRIGGER checkpoint_told AFTER INSERT ON checkpoint
FOR EACH ROW EXECUTE FUNCTION checkpoint_told();

-- While messages of a channel failed and wait to be sent again, what comes meanwhile waits for them, to be told
-- in one, ever longer: a channel that is down for a day is owed a few messages, not thousands.
CREATE FUNCTION bundle_hold(waiting bigint)
RETURNS interval LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE WHEN waiting = 0 THEN interval '0' ELSE make_interval(secs => 30 * 4 ^ least(waiting, 8)) END
$$;

-- The channels with notices that no message tells yet: since when, and when they may be told at the
-- earliest. Goes from channel to channel by the index, so that their number counts, not the notices'.
CREATE VIEW outbox_told AS
WITH RECURSIVE told AS (
    (SELECT channel_id FROM notice WHERE message_id IS NULL ORDER BY channel_id LIMIT 1)
    UNION ALL
    SELECT (
        SELECT channel_id FROM notice WHERE message_id IS NULL AND channel_id > told.channel_id
        ORDER BY channel_id LIMIT 1
    )
    FROM told WHERE channel_id IS NOT NULL
)
SELECT
    c.channel_id,
    (SELECT min(at) FROM notice WHERE channel_id = c.channel_id AND message_id IS NULL) AS since,
    greatest(c.free_at, held.until) AS free_at
FROM told
JOIN channel AS c USING (channel_id)
CROSS JOIN LATERAL (
    SELECT coalesce(max(created_at) + bundle_hold(count(*)), '-infinity') AS until FROM message
    WHERE channel_id = c.channel_id AND status = 'waiting' AND last_error IS NOT NULL
) AS held
WHERE c.enabled AND c.removed_at IS NULL;

GRANT SELECT, INSERT, UPDATE ON channel TO taizhang_service;
GRANT SELECT, INSERT, DELETE ON subscription TO taizhang_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON message, notice TO taizhang_service;
GRANT SELECT ON outbox_told TO taizhang_service;
