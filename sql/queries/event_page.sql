-- The log of a store, or the system's (store 0). record is the exact bytes that leaf_hash is over.
SELECT
    e.seq, e.record::json->>'at' AS at, e.actor, e.type, e.record::json->>'source' AS source,
    e.record::json->'body' AS body, encode(e.leaf_hash, 'hex') AS leaf_hash, e.record,
    e.seq AS cursor
FROM (  -- so that only the page's records are unpacked, whatever the plan
    SELECT e.*
    FROM event AS e
    WHERE e.store_id = $1::integer
        AND ($3::bigint IS NULL
            OR e.seq < $3) -- keyset
        AND ($4::text IS NULL OR e.type = $4)
        AND ($5::text IS NULL OR e.actor = $5)
        AND e.at >= coalesce($6::date, '-infinity') AND e.at < coalesce($7::date + 1, 'infinity')
        -- Only the stretch of those days, with an hour to spare: a clock may have been set back.
        AND ($6 IS NULL OR e.seq >= event_seq_at($1, $6 - interval '1 hour'))
        AND ($7 IS NULL OR e.seq < event_seq_at($1, $7 + 1 + interval '1 hour'))
    ORDER BY e.seq DESC -- keyset
    LIMIT $2::integer
) AS e
ORDER BY e.seq DESC -- keyset
