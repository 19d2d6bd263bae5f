-- What an auditor checks of a store, a row a finding, by month: of the business date; of an alert, the
-- one in which it opened. Without dates: the last three months. ok is NULL where a row only counts.
WITH asked AS MATERIALIZED (
    SELECT
        store_id, code, opened_at::date AS opened, last, coalesce($7::integer, 1) AS patience,
        coalesce($5::date, (date_trunc('month', last) - interval '2 months')::date) AS first
    FROM store, coalesce($6::date, now()::date) AS last
    WHERE store_id = $1::integer
), moved AS MATERIALIZED (
    SELECT
        s.event_seq, s.kind, s.reason, s.business_date, s.serial, s.posted_at, s.posted_by,
        s.reverses, s.posted_at::date - s.business_date AS days,
        -- its document, or its receiver; what was reversed is void, and lacks nothing
        CASE
            WHEN s.reason IN ('purchase', 'donation', 'allocation') THEN s.document = ''
            WHEN s.reason = 'issue' THEN s.receiver = ''
            ELSE false
        END AND NOT EXISTS (
            SELECT FROM slip AS r WHERE r.store_id = $1 AND r.reverses = s.event_seq
        ) AS lacks
    FROM asked
    JOIN slip AS s USING (store_id)
    WHERE s.kind = ANY ('{in,out}')  -- so that the index of the numbers finds the days
        AND s.business_date BETWEEN asked.first AND asked.last
), daily AS MATERIALIZED (
    -- Few rows: what follows is summed up from these.
    SELECT
        date_trunc('month', business_date)::date AS month, business_date, kind, reason,
        count(*) AS count, min(serial) AS low, max(serial) AS high,
        count(*) FILTER (WHERE days > patience) AS late,
        max(ARRAY[days, -event_seq]) FILTER (WHERE days > patience) AS latest,
        count(*) FILTER (WHERE lacks) AS lacking, min(event_seq) FILTER (WHERE lacks) AS lacks
    FROM moved, asked GROUP BY business_date, kind, reason
), items AS MATERIALIZED (
    SELECT
        date_trunc('month', m.business_date)::date AS month, m.kind, m.reason, e.item_id,
        count(*) FILTER (WHERE e.first) AS count, sum(abs(e.quantity)) AS quantity
    FROM asked
    JOIN ledger AS l USING (store_id)
    CROSS JOIN LATERAL (  -- ledger by ledger: for each there is an index of its days, in this order
        SELECT
            item_id, event_seq, quantity,
            event_seq IS DISTINCT FROM lag(event_seq) OVER (ORDER BY business_date, seq) AS first
        FROM entry
        WHERE store_id = l.store_id AND item_id = l.item_id
            AND business_date BETWEEN asked.first AND asked.last
    ) AS e
    JOIN moved AS m USING (event_seq)
    GROUP BY date_trunc('month', m.business_date), m.kind, m.reason, e.item_id
), reversals AS MATERIALIZED (
    SELECT
        date_trunc('month', m.business_date)::date AS month, m.*,
        (extract(epoch FROM m.posted_at - (
            SELECT s.posted_at FROM slip AS s WHERE s.store_id = $1 AND s.event_seq = m.reverses
        )) / 60)::integer AS minutes
    FROM moved AS m WHERE m.reverses IS NOT NULL
), series AS MATERIALIZED (
    -- A day's numbers are whole when there are all from 1 to the last that the series gave.
    SELECT
        date_trunc('month', business_date)::date AS month, kind, business_date, given, last_serial,
        (given, low, high) IS NOT DISTINCT FROM (last_serial::numeric, 1, last_serial) AS whole
    FROM (
        SELECT kind, business_date, sum(count) AS given, min(low) AS low, max(high) AS high
        FROM daily GROUP BY kind, business_date
    ) AS numbers
    FULL JOIN (
        SELECT d.kind, d.business_date, d.last_serial
        FROM asked
        JOIN slip_series AS d USING (store_id)
        WHERE d.business_date BETWEEN asked.first AND asked.last
    ) AS d USING (kind, business_date)
), opened AS MATERIALIZED (
    SELECT
        date_trunc('month', a.opened_at)::date AS month, a.cause, a.acknowledged_at,
        (extract(epoch FROM a.acknowledged_at - a.armed_at) / 60)::integer AS minutes
    FROM asked
    JOIN alert AS a USING (store_id)
    WHERE a.opened_at >= asked.first AND a.opened_at < asked.last + 1
), months AS MATERIALIZED (
    -- Nothing is said of those before there was anything, or of those to come.
    SELECT m::date AS month, coalesce(d.slips, 0) AS slips, coalesce(d.late, 0) AS late, d.latest
    FROM asked
    CROSS JOIN generate_series(
        date_trunc('month', greatest(asked.first, least(
            asked.opened, (SELECT min(business_date) FROM slip_series WHERE store_id = $1)))),
        least(asked.last, now()::date), interval '1 month'
    ) AS m
    LEFT JOIN (
        SELECT month, sum(count) AS slips, sum(late) AS late, max(latest) AS latest
        FROM daily GROUP BY month
    ) AS d ON d.month = m::date
), found AS (
    SELECT month, 'slips' AS "check",
        jsonb_build_object('kind', kind, 'reason', reason, 'count', sum(count)) AS finding
    FROM daily GROUP BY month, kind, reason
    UNION ALL
    SELECT month, 'moved', to_jsonb(items) FROM items
    UNION ALL
    SELECT month, 'adjustments', to_jsonb(items)
    FROM items WHERE reason IN ('count_gain', 'scrap', 'count_loss')
    UNION ALL
    SELECT month, 'reversals', jsonb_build_object(
        'reason', 'reversal', 'count', count(event_seq), 'total', slips,
        'median', percentile_disc(0.5) WITHIN GROUP (ORDER BY minutes),
        'longest', max(minutes), 'measure', 'minutes')
    FROM months LEFT JOIN reversals USING (month) GROUP BY month, slips
    UNION ALL
    SELECT month, 'reversals_by', jsonb_build_object(
        'reason', 'reversal', 'posted_by', posted_by, 'count', count(*),
        'median', percentile_disc(0.5) WITHIN GROUP (ORDER BY minutes),
        'longest', max(minutes), 'measure', 'minutes')
    FROM reversals GROUP BY month, posted_by
    UNION ALL
    SELECT month, 'reversal', jsonb_build_object(
        'kind', kind, 'reason', reason, 'posted_by', posted_by, 'event_seq', event_seq,
        'reverses', reverses, 'count', 1, 'longest', minutes, 'measure', 'minutes')
    FROM reversals
    UNION ALL
    SELECT month, 'late_dates', jsonb_build_object(
        'count', late, 'total', slips, 'longest', latest[1], 'measure', 'days', 'ok', late = 0,
        'event_seq', -latest[2])
    FROM months
    UNION ALL
    SELECT month, w."check", jsonb_build_object(
        'kind', w.kind, 'reason', reason, 'count', coalesce(sum(lacking), 0),
        'total', coalesce(sum(count), 0), 'ok', coalesce(sum(lacking), 0) = 0,
        'event_seq', min(lacks))
    FROM months
    CROSS JOIN (VALUES
        ('no_document', 'in', 'purchase'::slip_reason), ('no_document', 'in', 'donation'),
        ('no_document', 'in', 'allocation'), ('no_receiver', 'out', 'issue')
    ) AS w ("check", kind, reason)
    LEFT JOIN daily USING (month, reason)
    GROUP BY month, w."check", w.kind, reason
    UNION ALL
    SELECT month, 'numbers', jsonb_build_object(
        'kind', kind, 'count', coalesce(sum(given), 0), 'total', coalesce(sum(last_serial), 0),
        'ok', bool_and(whole),
        'slip', slip_number((SELECT code FROM asked), kind, min(business_date), 1),
        'last_slip', slip_number((SELECT code FROM asked), kind, max(business_date),
            (array_agg(last_serial ORDER BY business_date DESC))[1]))
    FROM series GROUP BY month, kind
    UNION ALL
    SELECT month, 'alerts', jsonb_build_object(
        'cause', cause, 'count', count(*), 'total', count(*),
        'median', percentile_disc(0.5) WITHIN GROUP (ORDER BY minutes),
        'longest', max(minutes), 'measure', 'minutes')
    FROM opened GROUP BY month, cause
    UNION ALL
    SELECT month, 'unacknowledged', jsonb_build_object(
        'count', count(cause) - count(acknowledged_at), 'total', count(cause),
        'ok', count(cause) = count(acknowledged_at))
    FROM months LEFT JOIN opened USING (month) GROUP BY month
), page AS (
    SELECT
        found.month, found."check", f.*,
        (extract(year FROM month) * 100 + extract(month FROM month))::bigint * 100
            + array_position('{slips,moved,adjustments,reversals,reversals_by,reversal,late_dates,'
                'no_document,no_receiver,numbers,alerts,unacknowledged}', "check") AS cursor,
        CASE WHEN "check" = 'reversal' THEN event_seq ELSE
            -- a row is of one item, of one person, of one cause, or of none of these
            (coalesce(array_position(enum_range(NULL::slip_kind), kind), 0) * 100
                + coalesce(array_position(enum_range(NULL::slip_reason), reason), 0))::bigint << 32
            | coalesce(item_id, posted_by, array_position('{low_stock,out_of_stock,days_of_cover,'
                'expiring,expired,overdue_count}', cause), 0)
        END AS cursor2
    FROM found
    CROSS JOIN LATERAL jsonb_to_record(finding) AS f (
        kind slip_kind, reason slip_reason, item_id integer, cause text, posted_by integer,
        event_seq bigint, slip text, last_slip text, reverses bigint, count bigint, total bigint,
        quantity bigint, median integer, longest integer, measure text, ok boolean
    )
)
SELECT
    to_char(p.month, 'YYYY-MM') AS month, p."check", p.kind, p.reason, i.code AS item, p.cause,
    u.username AS posted_by,
    coalesce(p.slip, slip_number(asked.code, s.kind, s.business_date, s.serial)) AS slip,
    p.last_slip, slip_number(asked.code, r.kind, r.business_date, r.serial) AS reverses,
    p.count, p.total, p.quantity, i.unit, i.unit_en, p.median, p.longest, p.measure, p.ok,
    p.cursor, p.cursor2
FROM asked
CROSS JOIN page AS p
LEFT JOIN item AS i USING (item_id)
LEFT JOIN app_user AS u ON u.user_id = p.posted_by
LEFT JOIN slip AS s ON s.store_id = $1 AND s.event_seq = p.event_seq
LEFT JOIN slip AS r ON r.store_id = $1 AND r.event_seq = p.reverses
WHERE $3::bigint IS NULL OR (p.cursor, p.cursor2) > ($3, $4::bigint)
ORDER BY p.cursor, p.cursor2
LIMIT $2::integer
