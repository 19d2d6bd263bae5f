-- Makes messages of what channels are to be told, once the first notice has waited $1 ms; given up
-- after $2 ms. Links begin with $3, or there are none when it is empty.
--
-- Of an alert only the newest step is told, as things stand now. At most 20 alerts, the most urgent
-- first, are named; how many more there are is said, too. Checkpoints are all there, the newest of each
-- log, 20 a message.
WITH fresh AS MATERIALIZED (
    SELECT
        n.notice_id, n.channel_id, n.kind, n.store_id, n.opened_seq, n.event_seq, n.note, n.at,
        CASE n.kind WHEN 'checkpoint' THEN 'checkpoint' ELSE 'alert' END AS about,
        CASE n.kind
            WHEN 'checkpoint' THEN (dense_rank() OVER (
                PARTITION BY n.channel_id, n.kind = 'checkpoint' ORDER BY n.store_id) - 1) / 20
            ELSE 0
        END AS part
    FROM outbox_told AS t
    JOIN notice AS n ON n.channel_id = t.channel_id AND n.message_id IS NULL
    WHERE t.free_at <= now() AND t.since <= now() - $1::bigint * interval '1 millisecond'
), newest AS (
    SELECT DISTINCT ON (channel_id, about, store_id, opened_seq) *
    FROM fresh
    ORDER BY channel_id, about, store_id, opened_seq, event_seq DESC
), alerts AS (
    SELECT
        n.channel_id, n.kind, n.at, s.code AS store, s.name_zh AS store_zh, s.name_en AS store_en,
        i.code AS item, i.name_zh, i.name_en, i.unit, i.unit_en,
        a.alert_id, a.cause, now.on_hand, now.minimum, now.target,
        row_number() OVER (
            PARTITION BY n.channel_id
            ORDER BY n.kind = 'closed', n.kind <> 'escalated', array_position(
                '{out_of_stock,expired,low_stock,days_of_cover,expiring,overdue_count}', a.cause),
                now.on_hand / nullif(now.minimum, 0)::float, n.notice_id
        ) AS rank
    FROM newest AS n
    JOIN alert AS a USING (store_id, opened_seq)
    JOIN store AS s USING (store_id)
    JOIN item AS i USING (item_id)
    CROSS JOIN LATERAL (
        SELECT v.on_hand, coalesce(v.minimum, a.minimum) AS minimum,
            coalesce(v.target, a.target) AS target
        FROM level AS v WHERE v.store_id = a.store_id AND v.item_id = a.item_id
    ) AS now
    WHERE n.about = 'alert'
), pieces AS MATERIALIZED (
    SELECT
        gen_random_uuid() AS id, channel_id, 'alert' AS about, 0::bigint AS part,
        json_build_object(
            'alerts', json_agg(json_build_object(
                'id', alert_id, 'step', kind, 'cause', cause, 'at', at,
                'store', store, 'store_zh', store_zh, 'store_en', store_en,
                'item', item, 'item_zh', name_zh, 'item_en', name_en,
                'unit', unit, 'unit_en', unit_en,
                'on_hand', on_hand, 'minimum', minimum, 'target', target,
                'suggested_quantity',
                    CASE WHEN kind <> 'closed' THEN greatest(target - on_hand, 0) END,
                'link', nullif($3::text, '') || '/#/ledgers/' || store || '/' || item
            ) ORDER BY rank) FILTER (WHERE rank <= 20),
            'more', count(*) FILTER (WHERE rank > 20),
            'counts', json_build_object(
                'opened', count(*) FILTER (WHERE kind = 'opened'),
                'rearmed', count(*) FILTER (WHERE kind = 'rearmed'),
                'escalated', count(*) FILTER (WHERE kind = 'escalated'),
                'closed', count(*) FILTER (WHERE kind = 'closed')),
            'stores', count(DISTINCT store),
            'link', nullif($3, '') || '/#/alerts'
        ) AS content
    FROM alerts
    GROUP BY channel_id
    UNION ALL
    SELECT
        gen_random_uuid(), channel_id, 'checkpoint', part,
        json_build_object('checkpoints', json_agg(json_build_object(
            'store', code, 'store_zh', name_zh, 'store_en', name_en, 'size', event_seq, 'at', at,
            'note', note
        ) ORDER BY code NULLS FIRST))
    FROM newest LEFT JOIN store USING (store_id)
    WHERE about = 'checkpoint'
    GROUP BY channel_id, part
), made AS (
    INSERT INTO message (id, channel_id, kind, content, notices, give_up_at)
    SELECT id, channel_id, about, content, notices, now() + $2::bigint * interval '1 millisecond'
    FROM pieces
    JOIN (
        SELECT channel_id, about, part, count(*) AS notices FROM fresh
        GROUP BY channel_id, about, part
    ) AS counted USING (channel_id, about, part)
    RETURNING message_id, id
)
UPDATE notice AS n SET message_id = made.message_id
FROM made JOIN pieces USING (id) JOIN fresh USING (channel_id, about, part)
WHERE n.notice_id = fresh.notice_id
