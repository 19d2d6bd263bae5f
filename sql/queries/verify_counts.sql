-- How much there is to verify.
SELECT
    (SELECT count(*) FROM entry WHERE store_id = ANY (stores)) AS entries,
    (SELECT count(*) FROM ledger WHERE store_id = ANY (stores)) AS ledgers,
    (SELECT count(*) FROM lot WHERE store_id = ANY (stores)) AS lots,
    (SELECT count(*) FROM ledger_day WHERE store_id = ANY (stores)) AS days,
    (SELECT count(*) FROM slip WHERE store_id = ANY (stores)) AS slips,
    (SELECT count(*) FROM slip_series WHERE store_id = ANY (stores)) AS series,
    (SELECT count(*) FROM slip WHERE store_id = ANY (stores) AND reverses IS NOT NULL) AS reversals,
    (SELECT count(*) FROM alert WHERE store_id = ANY (stores)) AS alerts,
    (SELECT count(*) FROM event WHERE store_id = ANY (stores)) AS events,
    cardinality(stores) AS logs,
    (SELECT count(*) FROM log_tile WHERE store_id = ANY (stores)) AS tiles,
    (SELECT count(*) FROM checkpoint WHERE store_id = ANY (stores)) AS checkpoints
FROM (SELECT $1::integer[] AS stores) AS scope
