// codes.ts - what a scanned or typed code means: an item's code, "item:lot", a lot that is on the
// shelf, or a number of GS1 such as (01)06901234567892(10)L2209(17)261231. Pure.
export interface Code { item?: string; gtin?: string; lot?: string; expires?: string }

// How many digits follow; those that are not here last until a group separator.
const FIXED: Record<string, number> = { '00': 18, '01': 14, '02': 14, 11: 6, 12: 6, 13: 6, 15: 6, 16: 6, 17: 6, 20: 2 };

// yymmdd; day 00 is the month's last.
function date(text: string): string | undefined {
  const [year, month, day] = [2000 + Number(text.slice(0, 2)), Number(text.slice(2, 4)), Number(text.slice(4, 6))];
  const at = new Date(Date.UTC(year, day ? month - 1 : month, day));
  const said = at.toISOString().slice(0, 10);
  return /^\d{6}$/.test(text) && month >= 1 && month <= 12 && (!day || at.getUTCDate() === day) ? said : undefined;
}

function fields(text: string): [ai: string, value: string][] | null {
  if (text.startsWith('(')) return [...text.matchAll(/\((\d{2,4})\)([^(]*)/g)].map(([, ai, value]) => [ai, value.trim()]);
  if (!/^(01\d{14}|02\d{14}|10|17\d{6})/.test(text)) return null;
  const found: [string, string][] = [];
  for (let rest = text; rest;) {
    const ai = rest.slice(0, 2);
    const length = FIXED[ai] ?? (rest.indexOf('\x1d') < 0 ? rest.length : rest.indexOf('\x1d')) - 2;
    found.push([ai, rest.slice(2, 2 + length)]);
    rest = rest.slice(2 + length).replace(/^\x1d/, '');
  }
  return found;
}

const isGtin = (digits: string) => {
  const sum = [...digits].reverse().reduce((n, d, i) => n + Number(d) * (i % 2 ? 3 : 1), 0);
  return sum % 10 === 0;
};

export interface Shelf { item: string; lots: { lot: string | null }[] }

// gtins: which item each number is, as this device has been told. null: it means nothing here.
export function readCode(scanned: string, shelf: Shelf[], gtins: Record<string, string>): Code | null {
  const text = scanned.trim().replace(/^\](?:C1|d2|Q3|e0)/, '').replace(/^\x1d/, '');
  const [name, ...rest] = text.split(':');
  if (shelf.some((s) => s.item === name.toLowerCase()))
    return { item: name.toLowerCase(), lot: rest.join(':').trim() || undefined };
  const holders = shelf.filter((s) => s.lots.some((l) => l.lot === text));
  if (holders.length === 1) return { item: holders[0].item, lot: text };
  const known = (gtin: string): Code => (gtins[gtin] ? { item: gtins[gtin], gtin } : { gtin });
  if (/^(\d{8}|\d{12,14})$/.test(text) && isGtin(text)) return known(text.padStart(14, '0'));
  const gs1 = new Map(fields(text) ?? []);
  const gtin = gs1.get('01') ?? gs1.get('02');
  if (!gtin || !/^\d{14}$/.test(gtin)) return null;
  return { ...known(gtin), lot: gs1.get('10') || undefined, expires: date(gs1.get('17') ?? '') };
}
