-- The tree over each log's leaf hashes (RFC 9162), and the checkpoints signed of it.

-- What the tree is made of at event_seq: the roots of its perfect subtrees, the biggest first, one
-- for each bit of the size. Event n is leaf n - 1.
ALTER TABLE store_head ADD COLUMN frontier bytea NOT NULL DEFAULT '';

-- Roots of 256^level leaves, 256 to a tile: what proofs are made from without reading the log. Those
-- of level 0 are the events' leaf hashes. The batch that completes a subtree adds its root.
CREATE TABLE log_tile (
    store_id integer NOT NULL,
    level    smallint NOT NULL CHECK (level BETWEEN 1 AND 7),
    tile     bigint NOT NULL CHECK (tile >= 0),
    hashes   bytea NOT NULL CHECK (length(hashes) BETWEEN 32 AND 8192 AND length(hashes) % 32 = 0),
    PRIMARY KEY (store_id, level, tile)
);
ALTER TABLE log_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;  -- hashes do not compress

-- Public keys (Ed25519) that checkpoints were ever signed with. Each but the first comes with a note
-- about it signed by the one before, unless that was lost.
CREATE TABLE log_key (
    key_id      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_key  bytea NOT NULL UNIQUE CHECK (length(public_key) = 32),
    created_at  timestamptz NOT NULL,
    endorsement text CHECK (length(endorsement) BETWEEN 1 AND 16384)
);

-- Checkpoints (C2SP tlog-checkpoint) as they were signed.
CREATE TABLE checkpoint (
    store_id integer NOT NULL,
    size     bigint NOT NULL CHECK (size >= 0),
    key_id   integer NOT NULL REFERENCES log_key,
    root     bytea NOT NULL CHECK (length(root) = 32),
    at       timestamptz NOT NULL,
    note     text NOT NULL CHECK (length(note) BETWEEN 1 AND 16384),
    PRIMARY KEY (store_id, size, key_id)
);

-- The trees of logs that are there already, out of their leaf hashes alone. Nothing else calls it;
-- it is kept for whoever fills a log by hand.
CREATE FUNCTION log_tree_build(logs integer[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    h integer := 0;
BEGIN
    CREATE TEMPORARY TABLE node ON COMMIT DROP AS
    SELECT store_id, 0 AS height, seq - 1 AS n, leaf_hash AS hash
    FROM event WHERE store_id = ANY (logs);
    LOOP
        INSERT INTO node
        SELECT store_id, h + 1, n / 2, sha256('\x01' || string_agg(hash, '' ORDER BY n))
        FROM node WHERE height = h GROUP BY store_id, n / 2 HAVING count(*) = 2;
        EXIT WHEN NOT FOUND;
        h := h + 1;
    END LOOP;

    UPDATE store_head AS head
    SET event_seq = log.size, frontier = coalesce((
        SELECT string_agg(node.hash, '' ORDER BY bit DESC)
        FROM generate_series(0, h) AS bit
        JOIN node ON node.height = bit AND node.n = (log.size >> bit) - 1
        WHERE node.store_id = log.store_id AND (log.size >> bit) & 1 = 1
    ), '')
    FROM (SELECT store_id, max(n) + 1 AS size FROM node WHERE height = 0 GROUP BY store_id) AS log
    WHERE log.store_id = head.store_id;

    INSERT INTO log_tile (store_id, level, tile, hashes)
    SELECT store_id, height / 8, n / 256, string_agg(hash, '' ORDER BY n)
    FROM node WHERE height > 0 AND height % 8 = 0
    GROUP BY store_id, height / 8, n / 256
    ON CONFLICT (store_id, level, tile) DO UPDATE SET hashes = excluded.hashes;
    DROP TABLE node;
END $$;
REVOKE EXECUTE ON FUNCTION log_tree_build(integer[]) FROM PUBLIC;

-- A head that is not the last event is a fault to look into first.
DO $$
DECLARE
    fault record;
BEGIN
    SELECT head.store_id, head.event_seq, coalesce(max(seq), 0) AS last INTO fault
    FROM store_head AS head LEFT JOIN event USING (store_id)
    GROUP BY head.store_id HAVING head.event_seq <> coalesce(max(seq), 0) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the log of store % ends with event %, but its head says %',
            fault.store_id, fault.last, fault.event_seq
            USING HINT = 'Run taizhang verify of the version before.';
    END IF;
END $$;
SELECT log_tree_build(array_agg(store_id)) FROM store_head;

ALTER TABLE store_head ADD CONSTRAINT store_head_frontier
CHECK (length(frontier) = 32 * bit_count(event_seq::bit(64)));

-- A tile only grows, and holds all that the log completes, neither less nor more.
CREATE FUNCTION log_tile_follows() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    complete bigint := (SELECT max(seq) FROM event WHERE store_id = NEW.store_id)
        >> (8 * NEW.level);
BEGIN
    IF TG_OP = 'UPDATE' AND (
        (NEW.store_id, NEW.level, NEW.tile) <> (OLD.store_id, OLD.level, OLD.tile)
        OR substring(NEW.hashes FROM 1 FOR length(OLD.hashes)) <> OLD.hashes
    ) THEN
        RAISE EXCEPTION 'a tile of log % would change', OLD.store_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'log_tile_grows', TABLE = 'log_tile';
    END IF;
    IF length(NEW.hashes) / 32 IS DISTINCT FROM least(256, complete - NEW.tile * 256) THEN
        RAISE EXCEPTION 'tile % of level % is not what log % completes',
            NEW.tile, NEW.level, NEW.store_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'log_tile_follows', TABLE = 'log_tile';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER log_tile_follows AFTER INSERT OR UPDATE ON log_tile
FOR EACH ROW EXECUTE FUNCTION log_tile_follows();
CREATE TRIGGER log_tile_append_only BEFORE DELETE OR TRUNCATE ON log_tile
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_key_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_key
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checkpoint_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- No checkpoint speaks of events that are not there.
CREATE FUNCTION checkpoint_within_log() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.size > coalesce((SELECT event_seq FROM store_head WHERE store_id = NEW.store_id), -1) THEN
        RAISE EXCEPTION 'log % has fewer than % events', NEW.store_id, NEW.size
            USING ERRCODE = 'check_violation', CONSTRAINT = 'checkpoint_within_log',
                TABLE = 'checkpoint';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER checkpoint_within_log AFTER INSERT ON checkpoint
FOR EACH ROW EXECUTE FUNCTION checkpoint_within_log();

GRANT SELECT, INSERT ON log_key, checkpoint TO taizhang_service;
GRANT SELECT, INSERT, UPDATE ON log_tile TO taizhang_service;
