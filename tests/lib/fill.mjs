// fill.mjs - years of one store, made by SQL: of its ledger n95 as many entries as asked for, a slip and
// an event each; every tenth slip also has one of glove. Nobody posts there: its log has neither leaf
// hashes nor a head, which reads and tables' sizes do not need.
//
//   await fill(db, 1000, 10_000)    entries 1,001 to 10,000 of store FILLED
export const FILLED = 'BG';
const A_DAY = 10_000;
const A_GLOVE = 10;

const store = `
  INSERT INTO store (code, place_id, name_zh, name_en)
    SELECT '${FILLED}', place_id, '大库', 'Big store' FROM place WHERE code = 'xita';
  INSERT INTO store_head (store_id) SELECT store_id FROM store WHERE code = '${FILLED}';
  INSERT INTO ledger (store_id, item_id)
    SELECT store_id, item_id FROM store, item WHERE store.code = '${FILLED}' AND standing;
  INSERT INTO lot (store_id, item_id, lot_seq, lot, balance)
    SELECT store_id, item_id, 1, '', 1 FROM store, item WHERE store.code = '${FILLED}' AND item.code IN ('n95', 'glove')`;

// Of slip n; in and out by turns, two in and one out.
const date = `'2022-01-01'::date + (n / ${A_DAY})::integer`;
const out = 'n % 2 = 0';
const n95 = `CASE WHEN ${out} THEN -1 ELSE 2 END`;

export async function fill(db, from, to) {
  const source = `FROM generate_series(${from + 1}, ${to}) AS n,
    (SELECT store_id, (SELECT item_id FROM item WHERE code = 'n95') AS n95, (SELECT item_id FROM item WHERE code = 'glove') AS glove,
      (SELECT user_id FROM app_user WHERE username = 'system') AS system FROM store WHERE code = '${FILLED}') AS at`;
  const glove = `n % ${A_GLOVE} = 1`;
  const insert = (text) => db.sql(`SET session_replication_role = replica; SET synchronous_commit = off; ${text}`, 'postgres');

  if (from === 0) await insert(store);
  // Keys come in no order, for which an index is quicker made than kept.
  const keys = await db.sql("SELECT pg_get_indexdef('event_idempotency_key'::regclass)");
  await Promise.all([
    insert(`DROP INDEX event_idempotency_key;
      INSERT INTO event (store_id, seq, at, type, actor, record, leaf_hash, idempotency_key, request_hash)
      SELECT store_id, n, ${date}, 'slip_posted', 'system', '{}', '\\x${'00'.repeat(32)}', md5(n::text), '\\x${'00'.repeat(32)}'
      ${source};
      SET maintenance_work_mem = '512MB'; ${keys}`),
    insert(`INSERT INTO slip (store_id, event_seq, kind, reason, business_date, serial, posted_at, posted_by,
        counterparty, receiver, handler, document)
      SELECT store_id, n, CASE WHEN ${out} THEN 'out' ELSE 'in' END::slip_kind, CASE WHEN ${out} THEN 'issue' ELSE 'donation' END::slip_reason,
        ${date}, 1 + n % ${A_DAY} / 2, ${date}, system, '第' || n % 20 || '微网格', '张三', '李四', '领字2022-' || n % 1000
      ${source}`),
    insert(`INSERT INTO entry (store_id, item_id, seq, event_seq, quantity, balance_after, lot_seq, line, business_date)
      SELECT store_id, n95, n, n, ${n95}, n / 2 + n % 2 * 2, 1, 0, ${date} ${source};
      INSERT INTO entry (store_id, item_id, seq, event_seq, quantity, balance_after, lot_seq, line, business_date)
      SELECT store_id, glove, n / ${A_GLOVE} + 1, n, 1, n / ${A_GLOVE} + 1, 1, 1, ${date} ${source} WHERE ${glove};
      INSERT INTO ledger_day AS d (store_id, item_id, business_date, quantity_in, quantity_out)
      SELECT store_id, n95, ${date}, sum(2 * (n % 2)), sum(1 - n % 2) ${source} GROUP BY 1, 2, 3
      UNION ALL SELECT store_id, glove, ${date}, count(*), 0 ${source} WHERE ${glove} GROUP BY 1, 2, 3
      ON CONFLICT (store_id, item_id, business_date) DO UPDATE SET
        quantity_in = d.quantity_in + excluded.quantity_in, quantity_out = d.quantity_out + excluded.quantity_out;
      UPDATE ledger SET entry_seq = n95.n, balance = n95.n / 2, lot_count = 1, last_entry_at = now()
      FROM store, item, (VALUES (${to}, 'n95'), (${Math.floor((to - 1) / A_GLOVE) + 1}, 'glove')) AS n95 (n, code)
      WHERE store.store_id = ledger.store_id AND item.item_id = ledger.item_id AND item.code = n95.code AND store.code = '${FILLED}'`),
  ]);
  await db.sql('VACUUM (ANALYZE)', 'postgres');
}
