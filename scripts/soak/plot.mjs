// The record of a soak as a page that needs nothing else: its verdicts, and its figures over time as SVG.
import { init } from 'echarts';

const MIB = 2 ** 20;
const WIDTH = 960;
const ROW = 190;
const GAP = 60;

/** What a second of the record comes to, from the counts of it and the one before. */
export function rates(record, previous) {
  const seconds = previous === undefined ? record.at : record.at - previous.at;
  const per = (key) => Math.max(0, ((record[key] ?? 0) - (previous?.[key] ?? 0)) / seconds);
  return { bytes: per('bytes'), messages: per('messages'), accepted: per('accepted'), cores: per('cpu') / 1000 };
}

const PANELS = [
  { title: 'connections and descriptors', series: { connections: (r) => r.connections, descriptors: (r) => r.fds } },
  { title: 'resident memory of the server, MiB', series: { memory: (r) => r.rss / MIB } },
  { title: 'CPU of the server, cores', series: { cores: (r) => r.rates.cores } },
  { title: 'echoed, MiB/s', series: { 'MiB/s': (r) => r.rates.bytes / MIB } },
  {
    title: 'latency of an echo, ms',
    log: true,
    series: {
      p50: (r) => r.latency.p50,
      p90: (r) => r.latency.p90,
      p99: (r) => r.latency.p99,
      max: (r) => r.latency.max,
    },
  },
  {
    title: 'events of a batch',
    log: true,
    series: { mean: (r) => r.perBatch?.mean, p99: (r) => r.perBatch?.p99, most: (r) => r.perBatch?.max },
  },
];

/** An SVG of all panels, one below the other, over the seconds of the run. */
export function plot(records) {
  const rows = records.map((record, i) => ({ ...record, rates: rates(record, records[i - 1]) }));
  const height = PANELS.length * (ROW + GAP) + GAP;
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  const top = (i) => GAP + i * (ROW + GAP);
  // An axis of logarithms has no place for nothing.
  const value = (number, log) => (number === undefined || (log && number <= 0) ? null : number);
  chart.setOption({
    animation: false,
    title: PANELS.map(({ title }, i) => ({
      text: title,
      left: 60,
      top: top(i) - 28,
      textStyle: { fontSize: 13, fontWeight: 'normal' },
    })),
    grid: PANELS.map((_, i) => ({ left: 70, right: 80, top: top(i), height: ROW })),
    xAxis: PANELS.map((_, i) => ({
      type: 'value',
      gridIndex: i,
      name: i === PANELS.length - 1 ? 's' : '',
      min: 0,
      max: 'dataMax',
    })),
    yAxis: PANELS.map(({ log }, i) => ({ type: log ? 'log' : 'value', gridIndex: i })),
    series: PANELS.flatMap(({ series, log }, i) =>
      Object.entries(series).map(([name, of]) => ({
        ...{ name, type: 'line', symbol: 'none', xAxisIndex: i, yAxisIndex: i, lineStyle: { width: 1.5 } },
        endLabel: { show: true, formatter: '{a}' },
        labelLayout: { moveOverlap: 'shiftY' },
        data: rows.map((row) => [row.at, value(of(row), log)]),
      })),
    ),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

const escaped = (text) => String(text).replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign]);

export function page(title, verdicts, records) {
  const rows = verdicts.map(
    ({ what, ok, detail }) =>
      `<tr><td>${ok ? 'ok' : '<b>FAILED</b>'}</td><td>${escaped(what)}</td><td>${escaped(detail)}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escaped(title)}</title>
<style>body { font: 14px sans-serif; margin: 2em } td { padding: 0 1em 0 0; vertical-align: top }</style>
<h1>${escaped(title)}</h1>
<table>
${rows.join('\n')}
</table>
${plot(records)}
</html>
`;
}
