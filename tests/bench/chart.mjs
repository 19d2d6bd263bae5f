// chart.mjs - lines on logarithmic axes, as SVG.
//
//   lines({ title, x: 'clients', y: 'slips/s', series: [{ name: 'pgbench', points: [[1, 2050], [16, 5300]] }] })
const WIDTH = 720;
const HEIGHT = 400;
const LEFT = 76;
const RIGHT = 176;
const TOP = 44;
const BOTTOM = 52;
const COLOURS = ['#0b6e4f', '#b3541e', '#3a5a98', '#8e3b8a', '#6b6b00'];

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

// 1, 10, 100 … around the values; between them 2 and 5 where there are few.
function ticks(values) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.ceil(Math.log10(Math.max(...values)));
  const steps = high - low <= 2 ? [1, 2, 5] : [1];
  const all = [];
  for (let power = low; power <= high; power++) all.push(...steps.map((step) => step * 10 ** power));
  const first = all.findLast((tick) => tick <= Math.min(...values)) ?? all[0];
  const last = all.find((tick) => tick >= Math.max(...values)) ?? all.at(-1);
  return all.filter((tick) => tick >= first && tick <= Math.max(last, first * 2));
}

function label(value) {
  if (value >= 1e6) return `${value / 1e6} M`;
  if (value >= 1e3) return `${value / 1e3} k`;
  return String(Number(value.toPrecision(3)));
}

// From values to places: the ends of the axis are its first and last mark.
function axis(marks, from, to) {
  const [low, high] = [Math.log10(marks[0]), Math.log10(marks.at(-1))];
  const at = (value) => Math.round((from + (to - from) * (Math.log10(value) - low) / (high - low)) * 10) / 10;
  return { marks, at };
}

export function lines({ title, x, y, series: given }) {
  const series = given.map((one) => ({ ...one, points: one.points.filter(([, value]) => value > 0) })).filter((one) => one.points.length);
  const points = series.flatMap((one) => one.points);
  const across = axis([...new Set(points.map((p) => p[0]))].sort((a, b) => a - b), LEFT, WIDTH - RIGHT);
  const up = axis(ticks(points.map((p) => p[1])), HEIGHT - BOTTOM, TOP);
  const [bottom, right] = [HEIGHT - BOTTOM, WIDTH - RIGHT];
  const grid = [
    ...across.marks.map((tick) => `<path d="M${across.at(tick)} ${TOP}V${bottom}" class="grid"/>`
      + `<text x="${across.at(tick)}" y="${bottom + 18}" text-anchor="middle">${label(tick)}</text>`),
    ...up.marks.map((tick) => `<path d="M${LEFT} ${up.at(tick)}H${right}" class="grid"/>`
      + `<text x="${LEFT - 8}" y="${up.at(tick) + 4}" text-anchor="end">${label(tick)}</text>`),
  ];
  // Names stand at the ends of their lines, and make room for each other.
  let above = -Infinity;
  const names = series.map((one, i) => ({ name: one.name, colour: COLOURS[i], y: up.at(one.points.at(-1)[1]) }))
    .sort((a, b) => a.y - b.y)
    .map((one) => {
      above = Math.max(one.y, above + 16);
      return `<text x="${right + 10}" y="${above + 4}" fill="${one.colour}">${escape(one.name)}</text>`;
    });
  const drawn = series.map((one, i) => `<polyline fill="none" stroke="${COLOURS[i]}" stroke-width="2" points="${
    one.points.map(([a, b]) => `${across.at(a)},${up.at(b)}`).join(' ')}"/>${
    one.points.map(([a, b]) => `<circle cx="${across.at(a)}" cy="${up.at(b)}" r="3" fill="${COLOURS[i]}"><title>${
      escape(`${one.name}: ${label(a)} → ${label(b)}`)}</title></circle>`).join('')}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<style>.grid{stroke:#ddd}text:not([fill]){fill:#333}</style>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
<text x="${LEFT}" y="22" font-size="15">${escape(title)}</text>
${grid.join('\n')}
<text x="${(LEFT + right) / 2}" y="${HEIGHT - 12}" text-anchor="middle">${escape(x)}</text>
<text transform="translate(16 ${(TOP + bottom) / 2}) rotate(-90)" text-anchor="middle">${escape(y)}</text>
${drawn.join('\n')}
${names.join('\n')}
</svg>
`;
}
