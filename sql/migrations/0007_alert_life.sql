-- The life of an alert: more causes, rules by place, arming, snoozing, escalation, and the sweep that
-- watches what changes by the clock alone.

CREATE DOMAIN alert_cause AS text CONSTRAINT alert_cause_check CHECK (VALUE IN (
    'low_stock', 'out_of_stock',  -- decided as slips are posted
    'days_of_cover', 'expiring', 'expired', 'overdue_count'  -- by the sweep
));

-- value: on hand / days of cover / quantity expiring or expired / days since the count.
-- bound: the minimum, or days; none for what has expired.
ALTER TABLE alert
    DROP CONSTRAINT alert_cause_check,
    ALTER cause TYPE alert_cause,
    ALTER minimum DROP NOT NULL,
    ALTER target DROP NOT NULL,
    DROP CONSTRAINT alert_minimum_check,
    ADD value bigint CHECK (value >= 0),
    ADD bound bigint CHECK (bound >= 0),
    ADD window_days integer CHECK (window_days > 0),
    ADD armed_at timestamptz,
    ADD armed_seq bigint,  -- the event that opened or last re-armed it
    ADD armed_on_hand bigint CHECK (armed_on_hand >= 0),
    ADD acknowledged_seq bigint,
    ADD snoozed_until date,
    ADD snoozed_by integer,
    ADD snooze_reason text CHECK (length(snooze_reason) BETWEEN 1 AND 500),
    ADD snoozed_seq bigint,
    ADD escalation integer NOT NULL DEFAULT 0 CHECK (escalation >= 0),  -- so many places upwards
    ADD escalated_at timestamptz,
    ADD escalated_to integer REFERENCES place,
    ADD escalated_seq bigint;

UPDATE alert SET
    value = on_hand, bound = minimum,
    armed_at = opened_at, armed_seq = opened_seq, armed_on_hand = on_hand;

ALTER TABLE alert
    ALTER value SET NOT NULL,
    ALTER armed_at SET NOT NULL,
    ALTER armed_seq SET NOT NULL,
    ALTER armed_on_hand SET NOT NULL,
    ADD CONSTRAINT alert_levels CHECK ((minimum IS NULL) = (target IS NULL)),
    ADD CONSTRAINT alert_of_stock CHECK (
        cause NOT IN ('low_stock', 'out_of_stock')
        OR minimum IS NOT NULL AND minimum > 0 AND value = on_hand
    ),
    ADD CONSTRAINT alert_bound CHECK ((bound IS NULL) = (cause = 'expired')),
    ADD CONSTRAINT alert_window CHECK ((window_days IS NULL) = (cause <> 'days_of_cover')),
    ADD CONSTRAINT alert_snooze CHECK (num_nulls(
        snoozed_until, snoozed_by, snooze_reason, snoozed_seq) IN (0, 4)),
    ADD CONSTRAINT alert_escalation CHECK (num_nulls(
        escalated_at, escalated_to, escalated_seq) = CASE escalation WHEN 0 THEN 3 ELSE 0 END);

-- What counts at a place and below it, until a place further down has one of its own.
CREATE TABLE alert_rule (
    place_id         integer NOT NULL REFERENCES place,
    cause            alert_cause NOT NULL,
    enabled          boolean NOT NULL,
    days             integer CHECK (days BETWEEN 1 AND 3650),
    window_days      integer CHECK (window_days BETWEEN 1 AND 366),
    clear_percent    integer CHECK (clear_percent BETWEEN 0 AND 100),
    rearm_percent    integer CHECK (rearm_percent BETWEEN 0 AND 100),  -- 0: never
    escalate_minutes integer CHECK (escalate_minutes BETWEEN 0 AND 525600),  -- null: never
    PRIMARY KEY (place_id, cause),
    CONSTRAINT alert_rule_days CHECK (
        (days IS NULL) = (cause NOT IN ('days_of_cover', 'expiring', 'overdue_count'))),
    CONSTRAINT alert_rule_window CHECK ((window_days IS NULL) = (cause <> 'days_of_cover')),
    CONSTRAINT alert_rule_clear CHECK (
        (clear_percent IS NULL) = (cause NOT IN ('low_stock', 'days_of_cover'))),
    CONSTRAINT alert_rule_rearm CHECK ((rearm_percent IS NULL) = (cause <> 'low_stock'))
);

CREATE VIEW alert_rule_default (
    n, cause, enabled, days, window_days, clear_percent, rearm_percent, escalate_minutes
) AS VALUES
    (1, 'low_stock'::alert_cause, true, NULL::integer, NULL::integer, 10, 25, 240),
    (2, 'out_of_stock', true, NULL, NULL, NULL, NULL, 60),
    (3, 'days_of_cover', true, 7, 14, 10, NULL, 1440),
    (4, 'expiring', true, 30, NULL, NULL, NULL, NULL),
    (5, 'expired', true, NULL, NULL, NULL, NULL, 1440),
    (6, 'overdue_count', false, 90, NULL, NULL, NULL, NULL);

-- The rule that counts at each place, for each cause, and the place that has it (null: the default).
CREATE VIEW alert_rule_at AS
SELECT p.place_id, d.n, d.cause, rule.*
FROM place AS p
CROSS JOIN alert_rule_default AS d
CROSS JOIN LATERAL (
    SELECT enabled, days, window_days, clear_percent, rearm_percent, escalate_minutes,
        place_id AS set_at
    FROM alert_rule
    WHERE place_id = ANY (p.path) AND cause = d.cause
    UNION ALL
    SELECT d.enabled, d.days, d.window_days, d.clear_percent, d.rearm_percent, d.escalate_minutes,
        NULL
    ORDER BY set_at DESC NULLS LAST  -- a place is younger than those above it
    LIMIT 1
) AS rule;

-- As with the readiness, a store's head holds what counts for it, so that posting looks nothing up.
ALTER TABLE store_head
    ADD low_stock boolean NOT NULL DEFAULT true,
    ADD out_of_stock boolean NOT NULL DEFAULT true,
    ADD clear_percent integer NOT NULL DEFAULT 10 CHECK (clear_percent BETWEEN 0 AND 100),
    ADD rearm_percent integer NOT NULL DEFAULT 25 CHECK (rearm_percent BETWEEN 0 AND 100);

CREATE VIEW stock_rule_at AS
SELECT low.place_id, low.enabled AS low_stock, out.enabled AS out_of_stock,
    low.clear_percent, low.rearm_percent
FROM alert_rule_at AS low
JOIN alert_rule_at AS out USING (place_id)
WHERE low.cause = 'low_stock' AND out.cause = 'out_of_stock';

-- At what on hand an open alert of low stock closes after a slip.
CREATE FUNCTION clearing_level(minimum bigint, target bigint, clear_percent integer)
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT least(minimum + (minimum * clear_percent + 99) / 100, target)
$$;

CREATE INDEX slip_count ON slip (store_id, event_seq) WHERE reason IN ('count_gain', 'count_loss');

-- What the clock makes of each ledger. value NULL: there is nothing to say. due: an alert should
-- open. stays: one that is open should not close. (OFFSET 0 has the value computed once.)
CREATE VIEW alert_fact AS
SELECT l.store_id, l.item_id, l.entry_seq, r.cause, f.value, r.days AS bound, r.window_days,
    coalesce(CASE r.cause
        WHEN 'days_of_cover' THEN f.value < r.days
        WHEN 'overdue_count' THEN f.value > r.days
        ELSE f.value > 0
    END, false) AS due,
    coalesce(CASE r.cause
        WHEN 'days_of_cover' THEN f.value * 100 < r.days * (100 + r.clear_percent)
        WHEN 'overdue_count' THEN f.value > r.days
        ELSE f.value > 0
    END, false) AS stays
FROM ledger AS l
JOIN store AS s USING (store_id)
JOIN alert_rule_at AS r ON r.place_id = s.place_id AND r.n > 2
CROSS JOIN LATERAL (
    SELECT CASE WHEN r.enabled THEN CASE r.cause
        WHEN 'days_of_cover' THEN (
            SELECT floor(nullif(l.balance, 0) * r.window_days / nullif(sum(quantity_out), 0))
            FROM ledger_day
            WHERE store_id = l.store_id AND item_id = l.item_id
                AND business_date BETWEEN CURRENT_DATE - r.window_days + 1 AND CURRENT_DATE
        )
        WHEN 'expiring' THEN (
            SELECT sum(balance) FROM lot
            WHERE store_id = l.store_id AND item_id = l.item_id AND open
                AND expires BETWEEN CURRENT_DATE AND CURRENT_DATE + r.days
        )
        WHEN 'expired' THEN (
            SELECT sum(balance) FROM lot
            WHERE store_id = l.store_id AND item_id = l.item_id AND open
                AND expires < CURRENT_DATE
        )
        WHEN 'overdue_count' THEN CURRENT_DATE - coalesce((
            SELECT max(c.business_date)
            FROM slip AS c
            JOIN entry AS e USING (store_id, event_seq)
            WHERE c.store_id = l.store_id AND e.item_id = l.item_id
                AND c.reason IN ('count_gain', 'count_loss')
                AND NOT EXISTS (
                    SELECT FROM slip AS undo
                    WHERE undo.store_id = c.store_id AND undo.reverses = c.event_seq
                )
        ), (
            SELECT business_date FROM entry
            WHERE store_id = l.store_id AND item_id = l.item_id AND seq = 1
        ))
    END END::bigint AS value
    OFFSET 0
) AS f;

-- Open alerts whose time has come: a snooze that is over, or the next place upwards is to be told.
CREATE VIEW alert_clock AS
SELECT a.store_id, a.item_id, a.alert_id, a.cause, a.snoozed_until IS NOT NULL AS wakes,
    above.place_id, above.code AS place
FROM alert AS a
JOIN store AS s USING (store_id)
JOIN place AS p USING (place_id)
JOIN alert_rule_at AS r ON r.place_id = p.place_id AND r.cause = a.cause
LEFT JOIN place AS above
    ON above.place_id = p.path[cardinality(p.path) - 1 - a.escalation]
WHERE a.closed_at IS NULL
    AND CASE
        WHEN a.snoozed_until IS NOT NULL THEN a.snoozed_until <= CURRENT_DATE
        ELSE a.acknowledged_at IS NULL AND above.place_id IS NOT NULL
            AND clock_timestamp() >= coalesce(a.escalated_at, a.armed_at)
                + make_interval(mins => r.escalate_minutes)
    END;

-- The last run, so that one that has stopped shows.
CREATE TABLE sweep (
    name      text PRIMARY KEY,
    since     timestamptz NOT NULL DEFAULT now(),
    last_run  timestamptz,
    took_ms   integer NOT NULL DEFAULT 0,
    opened    integer NOT NULL DEFAULT 0,
    rearmed   integer NOT NULL DEFAULT 0,
    escalated integer NOT NULL DEFAULT 0,
    closed    integer NOT NULL DEFAULT 0
);

INSERT INTO sweep (name) VALUES ('alert');

GRANT SELECT, INSERT, UPDATE, DELETE ON alert_rule TO taizhang_service;
GRANT SELECT, UPDATE ON sweep TO taizhang_service;
GRANT SELECT ON alert_rule_default, alert_rule_at, stock_rule_at, alert_fact, alert_clock
    TO taizhang_service;
