// slip-numerals.ts - a whole number as it stands on paper: 壹万零贰佰叁拾. Pure.
const DIGITS = '零壹贰叁肆伍陆柒捌玖';
const UNITS = ['', '拾', '佰', '仟'];

// 1 to 9999, with 零 for each gap inside.
function group(n: number): string {
  let text = '';
  let gap = false;
  for (let i = 3; i >= 0; i--) {
    const digit = Math.floor(n / 10 ** i) % 10;
    if (digit === 0) {
      gap = text !== '';
      continue;
    }
    text += (gap ? '零' : '') + DIGITS[digit] + UNITS[i];
    gap = false;
  }
  return text;
}

// high × unit + low, with 零 where low does not fill its places.
function join(n: number, size: number, unit: string): string {
  const [high, low] = [Math.floor(n / size), n % size];
  return capitals(high) + unit + (low === 0 ? '' : (low < size / 10 ? '零' : '') + capitals(low));
}

// n: a whole number from 0 to below 10^16.
export function capitals(n: number): string {
  if (n === 0) return '零';
  if (n >= 1e8) return join(n, 1e8, '亿');
  if (n >= 1e4) return join(n, 1e4, '万');
  return group(n);
}
