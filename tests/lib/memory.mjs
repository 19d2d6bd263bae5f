// memory.mjs - what tests of the service's memory need.
//
//   await startWorld({ env: FREED_COUNTS_LITTLE })   what is freed counts as memory for long under
//                                       AddressSanitizer, unless it is told otherwise
//   resident(service)                   MB
//   await fillLog(db, 5000)             events for the log of store BT, some 10 to 20 KB each as a file; their
//                                       text, as SQL over n, may be another, say UNPRESSABLE
import { readFileSync } from 'node:fs';

export const FREED_COUNTS_LITTLE = { ASAN_OPTIONS: 'exitcode=99:quarantine_size_mb=4' };

export const resident = ({ pid }) =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))[1]) / 1024;

// 10 KB that no compression makes small.
export const UNPRESSABLE = "(SELECT string_agg(md5(n || '/' || i), '') FROM generate_series(1, 320) AS i)";

export const fillLog = (db, events, text = 'repeat(md5(n::text), 320)') => db.sql(`
  INSERT INTO event (store_id, seq, at, type, actor, record, leaf_hash)
  SELECT store_id, n, now(), 'tick', 'x', json_build_object('actor', 'x', 'at', '', 'body',
      json_build_object('text', ${text}), 'seq', n, 'source', '', 'store', 'BT', 'type', 'tick'),
    sha256(n::text::bytea)
  FROM store, generate_series(1, ${events}) AS n WHERE code = 'BT';
  SELECT log_tree_build(ARRAY[store_id]) FROM store WHERE code = 'BT'`);
