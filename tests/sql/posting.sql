-- What the database refuses to hold in ledgers, lots, slips and entries.
SELECT plan(79);

-- One out slip with one entry, as posting would write it, with what each test wants otherwise.
CREATE FUNCTION posting(
    balance bigint DEFAULT 7, entry_seq bigint DEFAULT 2, quantity bigint DEFAULT -3,
    balance_after bigint DEFAULT 7, seq bigint DEFAULT 2, kind text DEFAULT 'out',
    reason text DEFAULT 'issue', serial integer DEFAULT 1, event_seq bigint DEFAULT 2,
    entry_event bigint DEFAULT 2, reverses text DEFAULT 'NULL', business_date text DEFAULT '2022-11-20'
)
RETURNS text LANGUAGE sql AS $$
SELECT format(
    'UPDATE ledger SET balance = %s, entry_seq = %s WHERE item_id = 1;
     INSERT INTO slip
        (store_id, event_seq, kind, reason, business_date, serial, posted_at, posted_by, reverses)
     VALUES (1, %s, %L, %L, %L, %s, now(), 1, %s);
     INSERT INTO entry
        (store_id, item_id, seq, event_seq, quantity, balance_after, lot_seq, line, business_date)
     VALUES (1, 1, %s, %s, %s, %s, 1, 0, ''2022-11-20'')',
    balance, entry_seq, event_seq, kind, reason, business_date, serial, reverses,
    seq, entry_event, quantity, balance_after)
$$;

SELECT accepted(posting(), 'an out slip posts');
SELECT accepted(posting(kind => 'in', reason => 'purchase', serial => 2, quantity => 5,
    balance => 15, balance_after => 15), 'an in slip posts');

-- Rule 3: nothing below zero.
SELECT refused($$UPDATE ledger SET balance = -1 WHERE item_id = 1$$, 'ledger_balance_check',
    'no ledger below zero');
SELECT refused($$UPDATE lot SET balance = -1$$, 'lot_balance_check', 'no lot below zero');
SELECT refused(posting(balance => 0, quantity => -11, balance_after => -1),
    'entry_balance_after_check', 'no entry below zero');
SELECT refused(posting(quantity => 8, balance_after => 7, kind => 'in', reason => 'return', serial => 2),
    'entry_check', 'no entry from below zero');
SELECT refused(posting(quantity => 0, balance_after => 10, balance => 10), 'entry_quantity_check',
    'an entry moves something');

-- Rule 4: each entry follows from the one before, and the ledger holds the last.
SELECT refused(posting(quantity => -4), 'entry_follows', 'a balance follows from the one before');
SELECT refused(posting(seq => 3, entry_seq => 3), 'entry_follows', 'no sequence is skipped');
SELECT refused(posting(seq => 1, entry_seq => 1), 'entry_pkey', 'no sequence is given twice');
SELECT refused(posting(balance => 8), 'ledger_is_last_entry', 'the ledger holds the last balance');
SELECT refused(posting(entry_seq => 1), 'ledger_is_last_entry', 'the ledger holds the last sequence');
SELECT refused(
    $$INSERT INTO entry
        (store_id, item_id, seq, event_seq, quantity, balance_after, lot_seq, line, business_date)
    VALUES (1, 2, 1, 1, 5, 6, 1, 0, '2022-11-20')$$,
    'entry_follows', 'a ledger begins at zero');
SELECT refused(
    $$INSERT INTO entry
        (store_id, item_id, seq, event_seq, quantity, balance_after, lot_seq, line, business_date)
    VALUES (1, 3, 1, 1, 5, 5, 1, 0, '2022-11-20')$$,
    'ledger_is_last_entry', 'no entry without its ledger');
SELECT refused(posting(kind => 'in', reason => 'return', serial => 2), 'entry_of_slip',
    'an in slip takes nothing out');
SELECT refused(posting(quantity => 5, balance => 15, balance_after => 15), 'entry_of_slip',
    'an out slip brings nothing in');
SELECT refused(posting(entry_event => 9), 'entry_of_slip', 'no entry without its slip');
SELECT accepted(
    $$UPDATE ledger SET balance = 6, entry_seq = 3 WHERE item_id = 1;
    INSERT INTO slip
        (store_id, event_seq, kind, reason, business_date, serial, posted_at, posted_by)
    VALUES (1, 2, 'out', 'issue', '2022-11-20', 1, now(), 1);
    INSERT INTO entry
        (store_id, item_id, seq, event_seq, quantity, balance_after, lot_seq, line, business_date)
    VALUES (1, 1, 3, 2, -3, 6, 1, 0, '2022-11-20'), (1, 1, 2, 2, -1, 9, 1, 0, '2022-11-20')$$,
    'a line over two lots is two entries of one statement, in any order');

-- Rule 5: gapless numbers.
SELECT refused(posting(serial => 2), 'slip_serial_follows', 'a series begins with 1');
SELECT refused(posting(kind => 'in', reason => 'return', quantity => 1, balance => 11,
    balance_after => 11, serial => 3), 'slip_serial_follows', 'no number of a series is skipped');
SELECT refused(posting(kind => 'in', reason => 'return', quantity => 1, balance => 11,
    balance_after => 11), 'slip_store_id_kind_business_date_serial_key', 'no number is given twice');
SELECT accepted(posting(business_date => '2022-11-19'), 'every day has its own series');
SELECT refused(posting(serial => 0), 'slip_serial_check', 'numbers begin with 1');
SELECT is(slip_number('XT', 'in', '2022-11-20', 1), 'XT-RK-20221120-0001', 'in slips are RK');
SELECT is(slip_number('XT', 'out', '2022-01-02', 12345), 'XT-CK-20220102-12345',
    'out slips are CK, and numbers grow beyond four digits');

-- Reasons belong to a kind.
SELECT is(outcome(posting(reason => reason)), allowed, format('out for %s', reason))
FROM (VALUES
    ('issue', 'done'), ('scrap', 'done'), ('count_loss', 'done'), ('return', 'done'),
    ('transfer', 'done'), ('purchase', 'slip_check2'), ('donation', 'slip_check2'),
    ('allocation', 'slip_check2'), ('opening', 'slip_check2'), ('count_gain', 'slip_check2')
) AS rule (reason, allowed);
SELECT is(
    outcome(posting(kind => 'in', reason => reason, serial => 2, quantity => 1, balance => 11,
        balance_after => 11)), allowed, format('in by %s', reason))
FROM (VALUES
    ('purchase', 'done'), ('donation', 'done'), ('allocation', 'done'), ('opening', 'done'),
    ('count_gain', 'done'), ('return', 'done'), ('transfer', 'done'), ('issue', 'slip_check2'),
    ('scrap', 'slip_check2'), ('count_loss', 'slip_check2')
) AS rule (reason, allowed);

-- Reversals.
SELECT accepted(posting(reason => 'reversal', reverses => '1'), 'a reversal names what it reverses');
SELECT refused(posting(reason => 'reversal'), 'slip_check1', 'a reversal without a slip');
SELECT refused(posting(reverses => '1'), 'slip_check1', 'a slip that reverses and does not say so');
SELECT refused(posting(reason => 'reversal', reverses => '2'), 'slip_check',
    'only what was posted before is reversed');
SELECT refused(
    posting(reason => 'reversal', reverses => '1') || ';
    INSERT INTO slip
        (store_id, event_seq, kind, reason, business_date, serial, posted_at, posted_by, reverses)
    VALUES (1, 3, ''out'', ''reversal'', ''2022-11-20'', 2, now(), 1, 1)',
    'slip_reversed_once', 'a slip is reversed once');

-- Lots, thresholds, sums, alerts.
SELECT refused($$INSERT INTO lot (store_id, item_id, lot_seq, lot, balance) VALUES (1, 1, 2, 'A', 0)$$,
    'lot_store_id_item_id_lot_expires_key', 'a lot is known by number and expiry');
SELECT accepted(
    $$INSERT INTO lot (store_id, item_id, lot_seq, lot, balance, expires)
    VALUES (1, 1, 2, 'A', 0, '2023-01-01')$$, 'the same number with another expiry is another lot');
SELECT refused($$INSERT INTO lot (store_id, item_id, lot_seq, lot, balance) VALUES (1, 9, 1, 'A', 0)$$,
    'lot_store_id_item_id_fkey', 'a lot is of a ledger');
SELECT refused($$UPDATE ledger SET normal_minimum = 5, normal_target = 4$$, 'ledger_check',
    'a target is not below its minimum');
SELECT refused($$UPDATE ledger SET emergency_minimum = 5$$, 'ledger_check3',
    'a minimum has its target');
SELECT refused($$UPDATE ledger SET normal_minimum = -1, normal_target = 4$$,
    'ledger_normal_minimum_check', 'no minimum below zero');
SELECT refused($$INSERT INTO ledger (store_id, item_id) VALUES (1, 1)$$, 'ledger_pkey',
    'one ledger for an item in a store');
SELECT refused($$INSERT INTO ledger (store_id, item_id) VALUES (1, 99)$$, 'ledger_item_id_fkey',
    'a ledger is of an item');
SELECT refused(
    $$INSERT INTO ledger_day (store_id, item_id, business_date, quantity_out) VALUES (1, 1, now(), -1)$$,
    'ledger_day_quantity_out_check', 'a day sums what went out as positive');

CREATE FUNCTION alert(
    cause text DEFAULT 'low_stock', minimum integer DEFAULT 20, more text DEFAULT '', seq bigint DEFAULT 1
)
RETURNS text LANGUAGE sql AS $$
SELECT format(
    'INSERT INTO alert (store_id, item_id, cause, opened_at, opened_seq, on_hand, minimum, target,
        value, bound, armed_at, armed_seq, armed_on_hand)
     VALUES (1, 1, %L, now(), %s, 10, %3$s, 40, 10, %3$s, now(), 1, 10);', cause, seq, minimum) || more
$$;

SELECT accepted(alert(), 'an alert opens');
SELECT refused(alert() || alert(seq => 2), 'alert_open_once', 'one open alert a ledger and cause');
SELECT accepted(
    alert(more => 'UPDATE alert SET closed_at = now(), closed_seq = 2;') || alert(seq => 3),
    'a closed alert makes room for the next');
SELECT refused(alert() || alert(cause => 'out_of_stock'), 'alert_event', 'an event opens one alert');
SELECT refused(alert(cause => 'boredom'), 'alert_cause_check', 'a cause is one of those known');
SELECT refused(alert(minimum => 50), 'alert_check', 'an alert keeps a target above its minimum');

-- By the clock.
CREATE FUNCTION alert_by_clock(cause text, bound text, window_days text DEFAULT 'NULL', minimum text DEFAULT 'NULL')
RETURNS text LANGUAGE sql AS $$
SELECT format(
    'INSERT INTO alert (store_id, item_id, cause, opened_at, opened_seq, on_hand, minimum, target,
        value, bound, window_days, armed_at, armed_seq, armed_on_hand)
     VALUES (1, 1, %L, now(), 1, 10, %s, %2$s, 3, %s, %s, now(), 1, 10)', cause, minimum, bound, window_days)
$$;
SELECT accepted(alert_by_clock('expired', 'NULL'), 'what has expired needs no minimum and no bound');
SELECT accepted(alert_by_clock('days_of_cover', '7', '14'), 'days of cover are of a window');
SELECT refused(alert_by_clock('days_of_cover', '7'), 'alert_window', 'and say which');
SELECT refused(alert_by_clock('expiring', 'NULL'), 'alert_bound', 'what expires does so within days');
SELECT refused(alert_by_clock('low_stock', '3'), 'alert_of_stock', 'low is below a minimum');
SELECT refused(alert() || 'UPDATE alert SET snoozed_until = now(), snoozed_by = 1', 'alert_snooze', 'a snooze has its reason');
SELECT refused(alert() || 'UPDATE alert SET escalation = 1', 'alert_escalation', 'an escalation goes somewhere');

CREATE FUNCTION alert_rule(cause text, figures text) RETURNS text LANGUAGE sql AS $$
SELECT format('INSERT INTO alert_rule (place_id, cause, enabled, days, window_days, clear_percent, rearm_percent)
    SELECT place_id, %L, true, %s FROM place LIMIT 1', cause, figures)
$$;
SELECT accepted(alert_rule('low_stock', 'NULL, NULL, 10, 25'), 'a rule of stock');
SELECT refused(alert_rule('low_stock', '5, NULL, 10, 25'), 'alert_rule_days', 'stock knows no days');
SELECT refused(alert_rule('expiring', 'NULL, NULL, NULL, NULL'), 'alert_rule_days', 'expiry does');
SELECT refused(alert_rule('days_of_cover', '7, NULL, 10, NULL'), 'alert_rule_window', 'cover has a window');
SELECT refused(alert_rule('expired', 'NULL, NULL, 10, NULL'), 'alert_rule_clear', 'expired is expired');
SELECT refused(alert_rule('out_of_stock', 'NULL, NULL, NULL, 25'), 'alert_rule_rearm', 'nothing is less than nothing');
SELECT is(cause || enabled || days || window_days, 'days_of_covertrue714', 'without one the default counts')
FROM alert_rule_at WHERE cause = 'days_of_cover' ORDER BY place_id LIMIT 1;

SELECT * FROM finish();
