// code.ts - the paper code: what stands on printed slips and ledger pages, so that the paper proves
// something. slip number.event.tree size.first 16 digits of the root. Pure.
export interface PaperCode { number: string; store: string; seq: number; size: number; root: string }

const PATTERN = /^(([A-Z0-9]{1,16})-(?:RK|CK)-\d{8}-\d{4,})\.(\d{1,15})\.(\d{1,15})\.([0-9A-F]{16})$/;

export const paperCode = (number: string, proof: { seq: number; size: number; root: string }) =>
  `${number}.${proof.seq}.${proof.size}.${proof.root.slice(0, 16)}`;

// As it was scanned (then it is an address that ends in it) or typed.
export const codeIn = (text: string) => text.normalize('NFKC').replace(/\s/g, '').replace(/^.*\//, '');

export function readPaperCode(text: string): PaperCode | null {
  const found = PATTERN.exec(codeIn(text).toUpperCase());
  if (!found) return null;
  const [, number, store, seq, size, root] = found;
  return { number, store, seq: Number(seq), size: Number(size), root: root.toLowerCase() };
}

// What any phone's camera opens.
export const paperLink = (code: string) => `${location.origin}/#/check/${code}`;
