-- Who may do what, and where.

CREATE TYPE role AS ENUM ('storekeeper', 'coordinator', 'auditor', 'admin');

CREATE TABLE app_user (
    user_id       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username      text NOT NULL UNIQUE CHECK (username ~ '^[^[:space:][:cntrl:]/]{1,64}$'),
    display_name  text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 100),
    password_hash text,  -- scrypt:N:r:p:salt:hash in base64; null: no sign-in with a password
    disabled_at   timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE user_grant (
    user_id  integer NOT NULL REFERENCES app_user,
    role     role NOT NULL,
    place_id integer NOT NULL REFERENCES place,
    PRIMARY KEY (user_id, role, place_id)
);

CREATE TABLE session (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    user_id    integer NOT NULL REFERENCES app_user,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    ended_at   timestamptz
);

CREATE INDEX session_app_user ON session (user_id);
CREATE INDEX session_expires_at ON session (expires_at);

CREATE TABLE api_token (
    token_id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    integer NOT NULL REFERENCES app_user,
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
);

CREATE INDEX api_token_user ON api_token (user_id, token_id);

-- The secrets that are good now.
CREATE VIEW secret AS
SELECT token_hash, user_id, expires_at, true AS by_cookie FROM session
WHERE ended_at IS NULL AND expires_at > now()
UNION ALL
SELECT token_hash, user_id, expires_at, false FROM api_token
WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now());

-- Failed sign-ins by user name (user:…) and by address (address:…): who fails often waits.
CREATE TABLE sign_in_failure (
    subject  text PRIMARY KEY CHECK (length(subject) <= 100),
    failures integer NOT NULL CHECK (failures > 0),
    until    timestamptz NOT NULL
);

CREATE INDEX sign_in_failure_until ON sign_in_failure (until);

-- How long to wait after so many failures: nothing for the first few, then 1 s, 2 s, 4 s, … to 5
-- minutes. Many people may sit behind one address.
CREATE FUNCTION sign_in_pause(subject text, failures integer)
RETURNS interval LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE WHEN failures < free THEN interval '0' ELSE
    make_interval(secs => least(300, 2 ^ least(failures - free, 10)))
END
FROM (SELECT CASE WHEN subject LIKE 'user:%' THEN 5 ELSE 50 END AS free) AS allowance
$$;

-- Whole seconds that a user name and an address still have to wait; 0: they may try.
CREATE FUNCTION sign_in_wait(username text, address text)
RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT greatest(0, ceil(extract(epoch FROM max(until) - now())))::integer
FROM sign_in_failure WHERE subject IN ('user:' || username, 'address:' || address)
$$;

-- The seed, imports and the like post as this user; nobody can sign in as it.
INSERT INTO app_user (username, display_name) VALUES ('system', '系统 System');

-- The one place that says which roles a user has at a place: a grant holds for all below it.
CREATE FUNCTION roles_at(who integer, place_path integer[])
RETURNS role[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT array_agg(DISTINCT role) FROM user_grant
WHERE user_id = who AND place_id = ANY (place_path)
$$;

-- May this user change what lies at a place? NULL is the operator at the command line, who may.
CREATE FUNCTION administers(who integer, place_path integer[])
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT who IS NULL OR coalesce('admin' = ANY (roles_at(who, place_path)), false)
$$;

-- Why a user may not change another, as a problem; NULL: they may. An administrator changes only
-- users all of whose grants lie at places of theirs, and knows only of those with some there.
CREATE FUNCTION user_refusal(who integer, target integer)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT CASE
    WHEN who IS NULL THEN NULL
    WHEN NOT EXISTS (SELECT FROM user_grant WHERE user_id = who AND role = 'admin') THEN 'forbidden'
    WHEN bool_and(administers(who, path)) IS NOT FALSE THEN NULL
    WHEN bool_or(administers(who, path)) THEN 'forbidden'
    ELSE 'not_found'
END
FROM user_grant JOIN place USING (place_id)
WHERE user_id = target
$$;

-- The root place that a user is the last to administer (of all, or just this one), or NULL:
-- somebody must stay in charge.
CREATE FUNCTION last_admin_of(who integer, just integer)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT min(code)
FROM user_grant AS mine JOIN place USING (place_id)
WHERE mine.user_id = who AND role = 'admin' AND parent_id IS NULL
    AND mine.place_id = coalesce(just, mine.place_id)
    AND NOT EXISTS (
        SELECT FROM user_grant AS other JOIN app_user USING (user_id)
        WHERE other.place_id = mine.place_id AND other.role = 'admin'
            AND other.user_id <> who AND disabled_at IS NULL
    )
$$;

CREATE FUNCTION user_roles(who integer)
RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT coalesce(
    jsonb_agg(jsonb_build_object('role', role, 'place', code) ORDER BY role, code), '[]')
FROM user_grant JOIN place USING (place_id)
WHERE user_id = who
$$;
