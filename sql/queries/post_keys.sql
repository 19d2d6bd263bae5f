-- What idempotency keys of a batch have been answered before, and how.
SELECT w.n, e.request_hash, e.type, e.record, e.record::json -> 'body' ->> 'number',
    NULL::smallint, NULL::text
FROM unnest($1::integer[], $2::text[]) WITH ORDINALITY AS w (store_id, key, n)
JOIN event AS e ON e.store_id = w.store_id AND e.idempotency_key = w.key
UNION ALL
SELECT w.n, r.request_hash, NULL, NULL, NULL, r.status, r.problem
FROM unnest($1::integer[], $2::text[]) WITH ORDINALITY AS w (store_id, key, n)
JOIN refusal AS r ON r.store_id = w.store_id AND r.idempotency_key = w.key
