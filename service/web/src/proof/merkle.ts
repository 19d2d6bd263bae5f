// merkle.ts - from a record to the root of its log's tree (RFC 9162, 2.1): worked out by the reader's
// own browser, from the record's bytes.

const hex = (bytes: Uint8Array) => [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
const unhex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (b) => parseInt(b, 16));

async function sha256(prefix: number, ...parts: Uint8Array[]) {
  const bytes = new Uint8Array([prefix, ...parts.flatMap((p) => [...p])]);
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

// SHA-256(0x00 ‖ record)
export const leafHash = async (record: string) => hex(await sha256(0, new TextEncoder().encode(record)));

// The root of a tree of that size whose leaf number index (from 0) is this, by its path; null: the path
// is none of such a leaf.
export async function rootOf(leaf: string, index: number, size: number, path: string[]): Promise<string | null> {
  let [fn, sn] = [index, size - 1];
  let hash: Uint8Array = unhex(leaf);
  if (index < 0 || index >= size) return null;
  for (const step of path.map(unhex)) {
    if (sn === 0) return null;
    if (fn % 2 === 1 || fn === sn) {
      hash = await sha256(1, step, hash);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)];
    } else {
      hash = await sha256(1, hash, step);
    }
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 ? hex(hash) : null;
}
