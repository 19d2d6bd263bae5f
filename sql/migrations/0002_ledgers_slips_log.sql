-- What posting touches. Every key begins with the store, the unit of consistency, so that a store
-- can live on any shard.

CREATE TYPE slip_kind AS ENUM ('in', 'out');
CREATE TYPE slip_reason AS ENUM (
    'purchase', 'donation', 'allocation', 'return', 'opening', 'count_gain', 'transfer',
    'issue', 'scrap', 'count_loss', 'reversal'
);

-- The row a batch locks: whoever holds it is the only one posting to that store.
-- Store 0 is the system's own log (users, grants, sign-ins, master data).
CREATE TABLE store_head (
    store_id  integer PRIMARY KEY CHECK (store_id >= 0),
    event_seq bigint NOT NULL DEFAULT 0 CHECK (event_seq >= 0),
    readiness readiness NOT NULL DEFAULT 'normal'
) WITH (fillfactor = 50);

INSERT INTO store_head (store_id) VALUES (0);

CREATE TABLE ledger (
    store_id          integer NOT NULL REFERENCES store,
    item_id           integer NOT NULL REFERENCES item,
    balance           bigint NOT NULL DEFAULT 0 CHECK (balance >= 0),
    entry_seq         bigint NOT NULL DEFAULT 0 CHECK (entry_seq >= 0),
    lot_count         integer NOT NULL DEFAULT 0 CHECK (lot_count >= 0),  -- lots there ever were
    normal_minimum    bigint CHECK (normal_minimum >= 0),
    normal_target     bigint CHECK (normal_target >= normal_minimum),
    emergency_minimum bigint CHECK (emergency_minimum >= 0),
    emergency_target  bigint CHECK (emergency_target >= emergency_minimum),
    last_entry_at     timestamptz,
    PRIMARY KEY (store_id, item_id),
    CHECK ((normal_minimum IS NULL) = (normal_target IS NULL)),
    CHECK ((emergency_minimum IS NULL) = (emergency_target IS NULL))
) WITH (fillfactor = 50);

-- A lot that nobody named has the number '' and, where nobody said, never expires.
CREATE TABLE lot (
    store_id integer NOT NULL,
    item_id  integer NOT NULL,
    lot_seq  integer NOT NULL CHECK (lot_seq > 0),
    lot      text NOT NULL CHECK (length(lot) <= 64),
    expires  date NOT NULL DEFAULT 'infinity',
    balance  bigint NOT NULL CHECK (balance >= 0),
    open     boolean NOT NULL GENERATED ALWAYS AS (balance > 0) STORED,
    PRIMARY KEY (store_id, item_id, lot_seq),
    UNIQUE (store_id, item_id, lot, expires),
    FOREIGN KEY (store_id, item_id) REFERENCES ledger
) WITH (fillfactor = 70);

-- No index holds the balance, so that most updates stay within their page (HOT).
CREATE INDEX lot_open ON lot (store_id, item_id) WHERE open;

-- The last number given in each series: one a store, kind and business day.
CREATE TABLE slip_series (
    store_id      integer NOT NULL,
    kind          slip_kind NOT NULL,
    business_date date NOT NULL,
    last_serial   integer NOT NULL CHECK (last_serial > 0),
    PRIMARY KEY (store_id, kind, business_date)
) WITH (fillfactor = 70);

-- A slip is known by its event: its place in the store's log.
CREATE TABLE slip (
    store_id      integer NOT NULL,
    event_seq     bigint NOT NULL CHECK (event_seq > 0),
    kind          slip_kind NOT NULL,
    reason        slip_reason NOT NULL,
    business_date date NOT NULL,
    serial        integer NOT NULL CHECK (serial > 0),
    posted_at     timestamptz NOT NULL,
    posted_by     integer NOT NULL,
    counterparty  text NOT NULL DEFAULT '' CHECK (length(counterparty) <= 200),
    receiver      text NOT NULL DEFAULT '' CHECK (length(receiver) <= 100),
    handler       text NOT NULL DEFAULT '' CHECK (length(handler) <= 100),
    document      text NOT NULL DEFAULT '' CHECK (length(document) <= 100),
    note          text NOT NULL DEFAULT '' CHECK (length(note) <= 1000),
    reverses      bigint CHECK (reverses < event_seq),
    PRIMARY KEY (store_id, event_seq),
    UNIQUE (store_id, kind, business_date, serial),
    CHECK ((reason = 'reversal') = (reverses IS NOT NULL)),
    CHECK (
        CASE kind
            WHEN 'in' THEN reason NOT IN ('issue', 'scrap', 'count_loss')
            ELSE reason NOT IN ('purchase', 'donation', 'allocation', 'opening', 'count_gain')
        END
    )
);

CREATE UNIQUE INDEX slip_reversed_once ON slip (store_id, reverses) WHERE reverses IS NOT NULL;
CREATE INDEX slip_counterparty ON slip (store_id, counterparty, event_seq);

-- What a line did to a ledger. A line that FEFO split over lots made several entries.
CREATE TABLE entry (
    store_id      integer NOT NULL,
    item_id       integer NOT NULL,
    seq           bigint NOT NULL CHECK (seq > 0),
    event_seq     bigint NOT NULL,
    quantity      bigint NOT NULL CHECK (quantity <> 0),  -- in positive, out negative
    balance_after bigint NOT NULL CHECK (balance_after >= 0),
    lot_seq       integer NOT NULL,
    line          smallint NOT NULL CHECK (line >= 0),
    business_date date NOT NULL,
    pack_quantity bigint CHECK (pack_quantity > 0),  -- the whole line's, as written: 2
    pack          text CHECK (length(pack) <= 16),  -- … 盒
    PRIMARY KEY (store_id, item_id, seq),
    CHECK (balance_after - quantity >= 0),
    CHECK ((pack IS NULL) = (pack_quantity IS NULL))
);

CREATE INDEX entry_slip ON entry (store_id, event_seq);
CREATE INDEX entry_business_date ON entry (store_id, item_id, business_date, seq);

-- Sums of a ledger's entries by business day: opening balances, averages and charts read these
-- few rows instead of years of entries.
CREATE TABLE ledger_day (
    store_id      integer NOT NULL,
    item_id       integer NOT NULL,
    business_date date NOT NULL,
    quantity_in   bigint NOT NULL DEFAULT 0 CHECK (quantity_in >= 0),
    quantity_out  bigint NOT NULL DEFAULT 0 CHECK (quantity_out >= 0),
    PRIMARY KEY (store_id, item_id, business_date)
) WITH (fillfactor = 70);

-- A store's log. The record is the canonical JSON (RFC 8785) of everything the event says,
-- its sequence, time, actor and source included; the hash is over exactly these bytes.
CREATE TABLE event (
    store_id        integer NOT NULL,
    seq             bigint NOT NULL CHECK (seq > 0),
    at              timestamptz NOT NULL,
    type            text NOT NULL CHECK (type ~ '^[a-z_]{1,40}$'),
    actor           text NOT NULL,
    record          text NOT NULL,
    leaf_hash       bytea NOT NULL CHECK (length(leaf_hash) = 32),
    idempotency_key text CHECK (idempotency_key ~ '^[A-Za-z0-9_:.-]{1,64}$'),
    request_hash    bytea CHECK (length(request_hash) = 32),
    PRIMARY KEY (store_id, seq),
    CHECK ((idempotency_key IS NULL) = (request_hash IS NULL))
);

CREATE UNIQUE INDEX event_idempotency_key ON event (store_id, idempotency_key)
WHERE idempotency_key IS NOT NULL;

-- Refusals decided against the stock (409) are answered again to the same key, too.
-- They changed nothing, so they are not evidence and are forgotten after the setting's days.
CREATE TABLE refusal (
    store_id        integer NOT NULL,
    idempotency_key text NOT NULL CHECK (idempotency_key ~ '^[A-Za-z0-9_:.-]{1,64}$'),
    request_hash    bytea NOT NULL CHECK (length(request_hash) = 32),
    status          smallint NOT NULL,
    problem         text NOT NULL,
    at              timestamptz NOT NULL,
    PRIMARY KEY (store_id, idempotency_key)
);

CREATE INDEX refusal_at ON refusal (at);

CREATE TABLE alert (
    alert_id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id         integer NOT NULL,
    item_id          integer NOT NULL,
    cause            text NOT NULL CHECK (cause IN ('low_stock', 'out_of_stock')),
    opened_at        timestamptz NOT NULL,
    opened_seq       bigint NOT NULL,  -- the event that says so
    opened_by_slip   bigint,  -- null: a threshold or the readiness opened it
    on_hand          bigint NOT NULL CHECK (on_hand >= 0),
    minimum          bigint NOT NULL CHECK (minimum > 0),
    target           bigint NOT NULL CHECK (target >= minimum),
    acknowledged_at  timestamptz,
    acknowledged_by  integer,
    acknowledged_note text CHECK (length(acknowledged_note) <= 1000),
    closed_at        timestamptz,
    closed_seq       bigint,
    CHECK ((closed_at IS NULL) = (closed_seq IS NULL)),
    CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL)),
    FOREIGN KEY (store_id, item_id) REFERENCES ledger
);

CREATE UNIQUE INDEX alert_open_once ON alert (store_id, item_id, cause) WHERE closed_at IS NULL;
CREATE INDEX alert_store ON alert (store_id, alert_id);
CREATE UNIQUE INDEX alert_event ON alert (store_id, opened_seq);

-- XT-RK-20221120-0001: in slips are RK (入库), out slips CK (出库).
CREATE FUNCTION slip_number(store_code text, kind slip_kind, business_date date, serial integer)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT store_code || CASE kind WHEN 'in' THEN '-RK-' ELSE '-CK-' END
    || (extract(year FROM business_date) * 10000 + extract(month FROM business_date) * 100
        + extract(day FROM business_date))::text
    || '-' || repeat('0', 4 - length(serial::text)) || serial
$$;

-- Where a ledger stands against the thresholds of its store's readiness.
CREATE VIEW level AS
SELECT
    l.store_id, l.item_id, l.balance AS on_hand, t.minimum, t.target,
    CASE
        WHEN l.balance = 0 THEN 'out'
        WHEN l.balance < t.minimum THEN 'low'
        ELSE 'ok'
    END AS status
FROM ledger AS l
JOIN store_head AS h USING (store_id)
CROSS JOIN LATERAL (
    SELECT l.normal_minimum AS minimum, l.normal_target AS target WHERE h.readiness = 'normal'
    UNION ALL
    SELECT l.emergency_minimum, l.emergency_target WHERE h.readiness = 'emergency'
) AS t;

-- The first event of a log at or after a moment, by halving: times follow the sequence, so finding
-- a day needs no index on them. After the last event: one more than its sequence.
CREATE FUNCTION event_seq_at(log integer, moment timestamptz)
RETURNS bigint LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    low bigint := 1;
    high bigint := 1 + coalesce((SELECT max(seq) FROM event WHERE store_id = log), 0);
    middle bigint;
BEGIN
    WHILE low < high LOOP
        middle := (low + high) / 2;
        IF (SELECT at < moment FROM event WHERE store_id = log AND seq = middle) THEN
            low := middle + 1;
        ELSE
            high := middle;
        END IF;
    END LOOP;
    RETURN low;
END $$;
