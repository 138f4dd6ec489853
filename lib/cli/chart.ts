import { type CustomSymbol, type LineFormatterArgs, plot } from 'simple-ascii-chart';
import { formatCount } from './format.ts';

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Axes {
  readonly x: string;
  readonly y: string;
  readonly width: number;
}

const HEIGHT = 16;
const MIN_WIDTH = 24;
/** What stands beside the plot: the labels of the y axis, the axis itself and its arrow. */
const LABEL_WIDTH = 8;
const SEVERAL = '*';
const TRACE = '·';

/** A chart with two logarithmic axes. Every series is drawn with a letter of its own, so it needs no colour. */
export function drawChart(series: readonly Series[], axes: Axes): string {
  const drawn = series.filter(({ points }) => points.length > 0);
  const values = drawn.flatMap(({ points }) => points.map(([, y]) => y));
  if (values.length === 0) return '';
  const ticks = logTicks(Math.min(...values), Math.max(...values));
  const letters = assignLetters(drawn.map(({ name }) => name));
  const chart = plot(
    drawn.map(({ points }) => points.map(([x, y]): [number, number] => [Math.log10(x), Math.log10(y)])),
    {
      width: Math.max(MIN_WIDTH, axes.width - LABEL_WIDTH - 4),
      height: HEIGHT,
      yRange: [Math.log10(ticks[0] ?? 1), Math.log10(ticks.at(-1) ?? 1)],
      customYAxisTicks: ticks.map(Math.log10),
      formatter: (exponent, { axis }) => {
        const value = Number((10 ** exponent).toPrecision(6));
        return axis === 'x' ? formatCount(value) : formatTick(value).padStart(LABEL_WIDTH - 1);
      },
      lineFormatter: tracer(letters),
    },
  );
  const rows = chart.split('\n').map((row) => row.trimEnd());
  const legend = drawn.map(({ name }, i) => `${letters[i]} ${name}`).join('   ');
  const body = rows.filter((row) => row !== '').join('\n');
  return `${axes.y}\n${body}\n${axes.x.padStart(axes.width - 2)}\n\n${legend}   ${SEVERAL} several\n`;
}

/** 1, 2, 5, 10, 20, ... from the last one below `low` to the first one above `high`; powers of ten if those are many. */
export function logTicks(low: number, high: number): number[] {
  const decades = Math.log10(high / low);
  const steps = decades > 2 ? [1] : [1, 2, 5];
  const candidates: number[] = [];
  for (let exponent = Math.floor(Math.log10(low)) - 1; exponent <= Math.ceil(Math.log10(high)) + 1; exponent++) {
    candidates.push(...steps.map((step) => Number((step * 10 ** exponent).toPrecision(1))));
  }
  const from = candidates.findLastIndex((tick) => tick <= low);
  const to = candidates.findIndex((tick) => tick >= high && tick > (candidates[from] ?? 0));
  return candidates.slice(from, to + 1);
}

/** The first letter of each name that is still free. */
export function assignLetters(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const letter = [...name, ...'abcdefghijklmnopqrstuvwxyz'].find((c) => /[a-z]/i.test(c) && !taken.has(c)) ?? '?';
    taken.add(letter);
    return letter;
  });
}

function formatTick(value: number): string {
  return value >= 1 ? formatCount(value) : String(value);
}

/**
 * Draws the letter of a series at its points and a trace of dots between them. The chart calls back point by point,
 * series by series; a point with index 0 begins the next series.
 */
function tracer(letters: readonly string[]): (point: LineFormatterArgs) => CustomSymbol[] {
  const marked = new Map<string, string>();
  let series = -1;
  let previous = { x: 0, y: 0 };
  return ({ index, plotX, plotY }) => {
    if (index === 0) series++;
    const symbols: CustomSymbol[] = [];
    const mark = (x: number, y: number, symbol: string) => {
      const place = `${x},${y}`;
      const there = marked.get(place);
      if (symbol === TRACE && there !== undefined) return;
      const shown = there === undefined || there === TRACE || there === symbol ? symbol : SEVERAL;
      marked.set(place, shown);
      symbols.push({ x, y, symbol: shown });
    };
    for (let x = previous.x + 1; index > 0 && x < plotX; x++) {
      const share = (x - previous.x) / (plotX - previous.x);
      mark(x, Math.round(previous.y + share * (plotY - previous.y)), TRACE);
    }
    mark(plotX, plotY, letters[series] ?? '?');
    previous = { x: plotX, y: plotY };
    return symbols;
  };
}
