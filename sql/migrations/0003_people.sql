-- Who may do what, and where.

CREATE TYPE role AS ENUM ('storekeeper', 'coordinator', 'auditor', 'admin');

CREATE TABLE app_user (
    user_id       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username      text NOT NULL UNIQUE CHECK (username ~ '^[^[:space:][:cntrl:]]{1,64}$'),
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

-- Failed sign-ins by user name and by address: who fails often waits.
CREATE TABLE sign_in_failure (
    subject  text PRIMARY KEY CHECK (length(subject) <= 100),
    failures integer NOT NULL CHECK (failures > 0),
    until    timestamptz NOT NULL
);

-- The seed, imports and the like post as this user; nobody can sign in as it.
INSERT INTO app_user (username, display_name) VALUES ('system', '系统 System');

-- The one place that says which roles a user has at a place: a grant holds for all below it.
CREATE FUNCTION roles_at(who integer, place_path integer[])
RETURNS role[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT array_agg(DISTINCT role) FROM user_grant
WHERE user_id = who AND place_id = ANY (place_path)
$$;
