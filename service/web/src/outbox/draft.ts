// draft.ts - a slip while it is being written: what the fields hold, what is wrong with them, and the
// slip that they make. Pure.
import type { Kind, NewSlip } from './database';

export interface DraftLine {
  id: number; // to tell lines apart on the page
  item: string;
  quantity: string; // as typed
  pack: string; // '': the base unit
  lot: string;
  expires: string;
}

export interface Draft {
  reason: NewSlip['reason'];
  business_date: string; // '': the day on which it is handed in
  counterparty: string;
  receiver: string;
  handler: string;
  document: string;
  note: string;
  lines: DraftLine[];
}

export const REASONS: Record<Kind, NewSlip['reason'][]> = {
  in: ['purchase', 'donation', 'allocation', 'return', 'transfer', 'count_gain', 'opening'],
  out: ['issue', 'transfer', 'return', 'scrap', 'count_loss'],
};

export const MAX_QUANTITY = 1_000_000_000;

let lastId = 0;

export const newLine = (item: string, more: Partial<DraftLine> = {}): DraftLine =>
  ({ item, quantity: '', pack: '', lot: '', expires: '', ...more, id: ++lastId });

// Full-width digits, too: 12 → 12. NaN: not a whole number.
export function quantityOf(typed: string): number {
  const text = typed.normalize('NFKC').replace(/[\s,]/g, '');
  return /^\d+$/.test(text) ? Number(text) : NaN;
}

export const goodQuantity = (line: DraftLine, packQuantity: number) => {
  const quantity = quantityOf(line.quantity);
  return quantity >= 1 && quantity * packQuantity <= MAX_QUANTITY;
};

export const toSlip = (kind: Kind, draft: Draft, today: string): NewSlip => ({
  kind,
  reason: draft.reason,
  business_date: draft.business_date || today,
  counterparty: draft.counterparty.trim(),
  receiver: draft.receiver.trim(),
  handler: draft.handler.trim(),
  document: draft.document.trim(),
  note: draft.note.trim(),
  lines: draft.lines.map((l) => ({
    item: l.item,
    quantity: quantityOf(l.quantity),
    ...(l.pack && { pack: l.pack }),
    ...(l.lot.trim() && { lot: l.lot.trim() }),
    ...(kind === 'in' && l.expires && { expires: l.expires }),
  })),
});

export const fromSlip = (slip: NewSlip): Draft => ({
  reason: slip.reason,
  business_date: slip.business_date ?? '',
  counterparty: slip.counterparty ?? '',
  receiver: slip.receiver ?? '',
  handler: slip.handler ?? '',
  document: slip.document ?? '',
  note: slip.note ?? '',
  lines: slip.lines.map((l) => newLine(l.item, {
    quantity: String(l.quantity), pack: l.pack ?? '', lot: l.lot ?? '', expires: l.expires ?? '',
  })),
});

// The slip with one line cut down to what there is (in base units); without the line when that is nothing.
export const cutDown = (slip: NewSlip, line: number, available: number): NewSlip => ({
  ...slip,
  lines: slip.lines.flatMap((l, i) => (i !== line ? [l] : available > 0 ? [{ ...l, quantity: available, pack: undefined }] : [])),
});
