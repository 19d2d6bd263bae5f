-- Makes messages of what channels are to be told, once the first notice has waited $1 ms; given up
-- after $2 ms. Links begin with $3, or there are none when it is empty.
--
-- Of an alert only the newest step is told, as things stand now. At most 20 alerts, the most urgent
-- first, are named; how many more there are is said, too. The newest checkpoint of a log is a message
-- of its own. What the contents hold: channel.h.
WITH fresh AS MATERIALIZED (
    SELECT
        n.notice_id, n.channel_id, n.kind, n.store_id, n.opened_seq, n.event_seq, n.note, n.at,
        CASE n.kind WHEN 'checkpoint' THEN 'checkpoint' ELSE 'alert' END AS about,
        CASE n.kind WHEN 'checkpoint' THEN n.store_id END AS log, n.escalation
    FROM outbox_told AS t
    JOIN notice AS n ON n.channel_id = t.channel_id AND n.message_id IS NULL
    WHERE t.free_at <= now() AND t.since <= now() - $1::bigint * interval '1 millisecond'
), newest AS (
    SELECT DISTINCT ON (channel_id, about, store_id, opened_seq) *
    FROM fresh
    ORDER BY channel_id, about, store_id, opened_seq, event_seq DESC
), alerts AS (
    SELECT
        n.channel_id, n.kind, n.escalation AS up_by, a.*, s.code AS store, s.name_zh AS store_zh,
        s.name_en AS store_en, i.code AS item, i.name_zh, i.name_en, i.unit, i.unit_en,
        now.on_hand AS now_on_hand, now.minimum AS now_minimum, now.target AS now_target,
        up.code AS up, up.name_zh AS up_zh, up.name_en AS up_en,
        row_number() OVER (
            PARTITION BY n.channel_id
            ORDER BY n.kind = 'closed', n.kind <> 'escalated', array_position(
                '{out_of_stock,expired,low_stock,days_of_cover,expiring,overdue_count}'::text[],
                a.cause::text),
                now.on_hand / nullif(now.minimum, 0)::float, n.notice_id
        ) AS rank
    FROM newest AS n
    JOIN alert AS a USING (store_id, opened_seq)
    JOIN store AS s USING (store_id)
    JOIN item AS i USING (item_id)
    JOIN place AS p ON p.place_id = s.place_id
    CROSS JOIN LATERAL (
        SELECT v.on_hand, coalesce(v.minimum, a.minimum) AS minimum,
            coalesce(v.target, a.target) AS target
        FROM level AS v WHERE v.store_id = a.store_id AND v.item_id = a.item_id
    ) AS now
    LEFT JOIN place AS up
        ON n.kind = 'escalated' AND up.place_id = p.path[cardinality(p.path) - n.escalation]
    WHERE n.about = 'alert'
), pieces AS MATERIALIZED (
    SELECT
        gen_random_uuid() AS id, channel_id, 'alert' AS about, NULL::integer AS log,
        json_build_object(
            'alerts', json_agg(json_build_object(
                'id', alert_id, 'store', store, 'store_name_zh', store_zh, 'store_name_en', store_en,
                'item', item, 'item_name_zh', name_zh, 'item_name_en', name_en,
                'unit', unit, 'unit_en', unit_en, 'cause', cause, 'step', kind,
                'escalation', up_by, 'escalated_to', up, 'escalated_to_zh', up_zh,
                'escalated_to_en', up_en, 'value', value, 'bound', bound,
                'window_days', window_days, 'on_hand', now_on_hand, 'minimum', now_minimum,
                'target', now_target, 'suggested_quantity',
                    CASE WHEN kind <> 'closed' THEN greatest(now_target - now_on_hand, 0) END,
                'opened_at', opened_at
            ) ORDER BY rank) FILTER (WHERE rank <= 20),
            'more', count(*) FILTER (WHERE rank > 20),
            'counts', json_build_object(
                'opened', count(*) FILTER (WHERE kind = 'opened'),
                'rearmed', count(*) FILTER (WHERE kind = 'rearmed'),
                'escalated', count(*) FILTER (WHERE kind = 'escalated'),
                'closed', count(*) FILTER (WHERE kind = 'closed')),
            'stores', count(DISTINCT store),
            'link', nullif($3::text, '') || '/#/alerts'
        ) AS content
    FROM alerts
    GROUP BY channel_id
    UNION ALL
    SELECT
        gen_random_uuid(), channel_id, 'checkpoint', log,
        json_build_object('store', code, 'origin', split_part(note, E'\n', 1), 'size', event_seq,
            'root', split_part(note, E'\n', 3), 'note', note)
    FROM newest LEFT JOIN store USING (store_id)
    WHERE about = 'checkpoint'
), made AS (
    INSERT INTO message (id, channel_id, kind, content, notices, give_up_at)
    SELECT id, channel_id, about, content, notices, now() + $2::bigint * interval '1 millisecond'
    FROM pieces
    JOIN (
        SELECT channel_id, about, log, count(*) AS notices FROM fresh
        GROUP BY channel_id, about, log
    ) AS counted USING (channel_id, about)
    WHERE counted.log IS NOT DISTINCT FROM pieces.log
    RETURNING message_id, id
)
UPDATE notice AS n SET message_id = made.message_id
FROM made JOIN pieces USING (id) JOIN fresh USING (channel_id, about)
WHERE n.notice_id = fresh.notice_id AND fresh.log IS NOT DISTINCT FROM pieces.log
