import { formatFigure } from '../format.ts';
import { compareRounds, LEAST_ROUNDS, type Ratio } from '../statistics.ts';
import { compareAll, type Group } from './comparison.ts';
import { placeText } from './figures_table.ts';
import type { PlotData, Point } from './plot_data.ts';

/** Of more variants than these, only the first and the last are told. */
const VARIANTS_MAX = 3;
/** The percentile of which is spoken. */
const SPOKEN_PERCENTILE = 99;

/** What the figures of a plot say, and no more than the noise lets one say. */
export function sentencesOf(data: PlotData): string {
  return [...comparisons(data), ...growth(data), ...ends(data)].join(' ');
}

function comparisons(data: PlotData): string[] {
  const groups = compareAll(data);
  const x = spokenPlace(data, groups);
  const spoken = groups.filter((group) => group.x === x);
  const told = spoken.length > VARIANTS_MAX ? [...spoken.slice(0, 1), ...spoken.slice(-1)] : spoken;
  const several = told.length > 1;
  return told.map((group, i) => {
    const place = i > 0 || data.x === undefined ? '' : `at ${namedPlace(data, group.x)}`;
    const where = [place, several && group.variant !== '' ? `with ${group.variant}` : ''].filter(Boolean).join(' ');
    return sentence([where, compareIn(data, group)].filter(Boolean).join(', '), where !== '');
  });
}

/** The furthest place where there is something to compare. */
function spokenPlace({ plot }: PlotData, groups: readonly Group[]): number | undefined {
  const several = groups.filter(({ compared }) => compared.length > 1);
  const places = (several.length > 0 ? several : groups).map(({ x }) => x);
  if (plot.kind === 'percentiles' && places.includes(SPOKEN_PERCENTILE)) return SPOKEN_PERCENTILE;
  return places.at(-1);
}

function compareIn({ metric }: PlotData, { compared }: Group): string {
  const base = compared.find(({ ratio }) => ratio === undefined);
  if (base === undefined) return '';
  const others = compared.flatMap(({ series, ratio }) => (ratio ? [{ name: spoken(series.subject), ratio }] : []));
  const { result } = base.point;
  return [
    `${spoken(base.series.subject)} is at ${withUnit(result.median, metric.unit)}`,
    ...verdicts(others, toldAfter(result.rounds)),
  ].join('; ');
}

interface Judged {
  readonly name: string;
  readonly ratio: Ratio;
}

interface Wording {
  different(name: string, ratio: Ratio, first: boolean): string;
  readonly after: string;
  readonly same: string;
  readonly noisy: string;
}

const toldAfter = (rounds: number): Wording => ({
  different: (name, { ratio }, first) => `${name}${first ? ' is' : ''} at ${times(ratio)}`,
  after: ' that',
  same: 'about the same',
  noisy: `${unsure(rounds)} from it`,
});
const grownAfter = (rounds: number): Wording => ({
  different: (name, { ratio, verdict }) => `${name} ${verdict === 'higher' ? 'grows' : 'falls'} to ${times(ratio)}`,
  after: '',
  same: 'about the same',
  noisy: unsure(rounds),
});

function unsure(rounds: number): string {
  return rounds < LEAST_ROUNDS ? 'measured in too few rounds to tell' : 'too noisy to tell';
}

function verdicts(judged: readonly Judged[], { different, after, same, noisy }: Wording): string[] {
  const names = (verdict: string) => judged.filter(({ ratio }) => ratio.verdict === verdict).map(({ name }) => name);
  const apart = judged
    .filter(({ ratio }) => ratio.verdict === 'higher' || ratio.verdict === 'lower')
    .map(({ name, ratio }, i) => different(name, ratio, i === 0));
  return [
    ...(apart.length > 0 ? [`${list(apart)}${after}`] : []),
    ...state(names('same'), same),
    ...state(names('noisy'), noisy),
  ];
}

/** How each line goes from its first place to its last. */
function growth(data: PlotData): string[] {
  const { plot, series, categories } = data;
  if (plot.kind !== 'line' || categories !== undefined) return [];
  const ranges = series.flatMap(({ name, points }) => {
    const [from, to] = [points[0], points.at(-1)];
    return from && to && to.x > from.x ? [{ name: spoken(name), from, to }] : [];
  });
  const furthest = Math.max(...ranges.map(({ to }) => to.x));
  const whole = ranges.filter(({ to }) => to.x === furthest);
  const nearest = whole[0]?.from.x;
  const judged = whole
    .filter(({ from }) => from.x === nearest)
    .map(({ name, from, to }) => ({ name, ratio: ratioOf(to, from) }));
  if (nearest === undefined || judged.length > VARIANTS_MAX * 2) return [];
  const range = `From ${namedPlace(data, nearest)} to ${placeText(data, furthest)}`;
  const rounds = Math.min(...whole.map(({ to }) => to.result.rounds));
  return [sentence(`${range}, ${verdicts(judged, grownAfter(rounds)).join('; ')}`)];
}

function ratioOf(to: Point, from: Point): Ratio {
  return compareRounds(to.result.samples, from.result.samples);
}

/** Lines that stop before the others do. */
function ends(data: PlotData): string[] {
  if (data.plot.kind === 'bar' || data.categories !== undefined) return [];
  const lasts = data.series.map(({ name, points }) => ({ name: spoken(name), x: points.at(-1)?.x ?? 0 }));
  const furthest = Math.max(...lasts.map(({ x }) => x));
  const early = [...new Set(lasts.map(({ x }) => x))].filter((x) => x < furthest).sort((a, b) => a - b);
  return early.map((end) => {
    const names = lasts.filter(({ x }) => x === end).map(({ name }) => name);
    return sentence(`${list(names)} ${names.length > 1 ? 'end' : 'ends'} at ${namedPlace(data, end)}`, false);
  });
}

function namedPlace(data: PlotData, x: number): string {
  if (data.plot.kind !== 'percentiles') return `${data.x} ${data.categories ? '' : '= '}${placeText(data, x)}`;
  if (x === 100) return 'the worst';
  return x === 50 ? 'the median' : `the ${x}th percentile`;
}

function times(ratio: number): string {
  return `${formatFigure(ratio)}\u00a0×`;
}

/** 2.40 µs, 61,000/s; 0.97 where it counts nothing. */
function withUnit(value: number, unit: string): string {
  if (unit === '1') return formatFigure(value);
  return unit.startsWith('1/') ? `${formatFigure(value)}${unit.slice(1)}` : `${formatFigure(value)}\u00a0${unit}`;
}

/** Between commas, a name has none of its own. */
function spoken(name: string): string {
  return name.replace(/^([^,]+), (.+)$/, '$1 ($2)');
}

function state(names: readonly string[], what: string): string[] {
  return names.length === 0 ? [] : [`${list(names)} ${names.length > 1 ? 'are' : 'is'} ${what}`];
}

function list(texts: readonly string[]): string {
  return texts.length < 2 ? (texts[0] ?? '') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;
}

/** A name keeps its small letter; our own words begin with a great one. */
function sentence(text: string, ours = true): string {
  return `${ours ? text.slice(0, 1).toUpperCase() + text.slice(1) : text}.`;
}
