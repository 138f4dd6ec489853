import { logTicks } from '../chart.ts';
import { formatCount } from '../format.ts';

/** An axis of a picture: what it is asked to show, as places on a straight ruler. */
export interface Axis {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly Tick[];
  readonly logarithmic: boolean;
  /** Where a value is on the ruler. */
  place(value: number): number;
}

export interface Tick {
  readonly place: number;
  readonly label: string;
}

/** Steps of 1-2-5 are read together: some more of them than of others are not too many. */
const ROUND = 3;
/** What is left free at both ends, as a share of the whole. */
const MARGIN = 0.03;

/** The axis of figures: from zero, or over whole steps where it is logarithmic; that needs all values to be positive. */
export function valueAxis(values: readonly number[], scale: 'linear' | 'log', ticksMax: number): Axis {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (scale === 'log' && low > 0) {
    const steps = logTicks(low, high);
    const every = Math.ceil(steps.length / (ticksMax + ROUND));
    return {
      min: Math.log10(steps[0] ?? low),
      max: Math.log10(steps.at(-1) ?? high),
      ticks: steps.filter((_, i) => i % every === 0).map((step) => ({ place: Math.log10(step), label: number(step) })),
      logarithmic: true,
      place: Math.log10,
    };
  }
  const ticks = linearTicks(Math.min(0, low), Math.max(0, high), ticksMax);
  return {
    min: ticks[0] ?? 0,
    max: ticks.at(-1) ?? 1,
    ticks: ticks.map((tick) => ({ place: tick, label: number(tick) })),
    logarithmic: false,
    place: (value) => value,
  };
}

/** The axis of a parameter: as far as it was measured. */
export function parameterAxis(values: readonly number[], scale: 'linear' | 'log', ticksMax: number): Axis {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const logarithmic = scale === 'log' && low > 0;
  const place = logarithmic ? Math.log10 : (value: number) => value;
  const bounds = widen(place(low), place(high));
  const several = logarithmic ? logSteps : linearTicks;
  const steps = low === high ? [low] : several(low, high, ticksMax);
  const ticks = steps.map((step) => ({ place: place(step), label: number(step) }));
  return { ...bounds, ticks: ticks.filter((tick) => inside(tick.place, bounds)), logarithmic, place };
}

/** 50, 90, 99, 99.9, ...: each nine as far as the one before. The worst of all stands one further. */
export function percentileAxis(percentiles: readonly number[]): Axis {
  const nines = (percentile: number) => -Math.log10(1 - percentile / 100);
  const sorted = [...new Set(percentiles)].sort((a, b) => a - b);
  const last = sorted.findLast((percentile) => percentile < 100);
  const place = (percentile: number) => (percentile < 100 ? nines(percentile) : nines(last ?? 0) + 1);
  const ticks = sorted.map((percentile) => ({
    place: place(percentile),
    label: percentile < 100 ? `${Number(percentile.toPrecision(7))} %` : 'max',
  }));
  return { ...widen(ticks[0]?.place ?? 0, ticks.at(-1)?.place ?? 1), ticks, logarithmic: false, place };
}

/** Names in their order. */
export function categoryAxis(names: readonly string[]): Axis {
  const ticks = names.map((label, place) => ({ place, label }));
  return { min: -0.5, max: names.length - 0.5, ticks, logarithmic: false, place: (value) => value };
}

function widen(low: number, high: number): { min: number; max: number } {
  const margin = (high - low) * MARGIN || 0.5;
  return { min: low - margin, max: high + margin };
}

function inside(place: number, { min, max }: { min: number; max: number }): boolean {
  return place >= min && place <= max;
}

/** The finest of 1-2-5 steps, decades, every second decade, ... that are not too many. */
function logSteps(low: number, high: number, ticksMax: number): number[] {
  const [from, to] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const exponents = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const steps = (every: number, digits: readonly number[]) =>
    exponents
      .filter((exponent) => exponent % every === 0)
      .flatMap((exponent) => digits.map((digit) => Number(`${digit}e${exponent}`)))
      .filter((step) => step >= low && step <= high);
  const fine = steps(1, [1, 2, 5]);
  if (fine.length < 2) return [...new Set([low, high])];
  if (fine.length <= ticksMax) return fine;
  return steps(Math.max(1, Math.ceil((to - from) / ticksMax)), [1]);
}

function linearTicks(low: number, high: number, ticksMax: number): number[] {
  const span = high - low || Math.abs(high) || 1;
  const raw = span / Math.max(1, ticksMax - 1);
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = unit * ([1, 2, 5, 10].find((digit) => digit * unit >= raw * 0.999) ?? 10);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Exact, since ticks are round. */
function number(value: number): string {
  return Math.abs(value) >= 1 && Number.isInteger(value) ? formatCount(value) : String(Number(value.toPrecision(6)));
}
