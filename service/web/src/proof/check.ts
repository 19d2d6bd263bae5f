// check.ts - is what a paper code says true? Worked out here, of what the service hands over.
import { api, call, Problem } from '../api';
import type { Slip } from '../outbox/database';
import type { PaperCode } from './code';
import { leafHash, rootOf } from './merkle';

// slip: as the proved record has it. reversedBy: as of now.
export type Verdict =
  | { is: 'good'; slip: Slip; reversedBy: string | null }
  | { is: 'gone' | 'insecure' }
  | { is: 'slip'; number: string }
  | { is: 'root'; root: string; slip: Slip | null };

async function provedAt({ store, seq, size }: PaperCode) {
  try {
    return await call(api.GET('/api/v1/stores/{store}/events/{seq}/proof', { params: { path: { store, seq }, query: { size } } }));
  } catch (error) {
    if (error instanceof Problem && ['not_found', 'validation_failed'].includes(error.code)) return null;
    throw error;
  }
}

export async function checkPaper(code: PaperCode): Promise<Verdict> {
  if (!isSecureContext) return { is: 'insecure' };
  const proof = await provedAt(code);
  if (!proof) return { is: 'gone' };
  const root = (proof.record !== null && await rootOf(await leafHash(proof.record), code.seq - 1, code.size, proof.path)) || '';
  const record = JSON.parse(proof.record ?? 'null') as { store: string; seq: number; body: Slip & { store: string } } | null;
  const slip = record && { ...record.body, store: record.store, event_seq: record.seq, reversed_by: null };
  if (root.slice(0, 16) !== code.root || record?.seq !== code.seq) return { is: 'root', root: root.slice(0, 16), slip };
  if (slip?.number !== code.number) return { is: 'slip', number: slip?.number ?? '' };
  const now = await call(api.GET('/api/v1/stores/{store}/slips/{number}', { params: { path: { store: code.store, number: code.number } } })).catch(() => null);
  return { is: 'good', slip, reversedBy: now?.reversed_by ?? null };
}
