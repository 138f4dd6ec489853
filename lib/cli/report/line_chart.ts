import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from 'echarts/types/dist/shared';
import { type Axis, categoryAxis, parameterAxis, percentileAxis, valueAxis } from './axis.ts';
import { renderChart } from './charts.ts';
import { errorBar, numbersOf } from './error_bar.ts';
import { axisLook, type Caption, EDGE, FONT_SIZE, type Frame, frameOf, LINE_HEIGHT, textWidth } from './frame.ts';
import { placeLabels } from './labels.ts';
import { printable } from './markup.ts';
import { INK, PAPER, type Style, type Styles } from './palette.ts';
import type { PlotData, Series } from './plot_data.ts';

const HEIGHT = 300;
const AXIS_NAME_HEIGHT = 48;
/** Between two ticks there is room for a label, for as many pixels each. */
const TICK_WIDTH = 62;
const TICKS_UPRIGHT = 7;
/** Names beside the lines are easier to read than a legend, as long as they leave room for the lines. */
const LABEL_SHARE = 0.27;
const SYMBOL_SIZE = 7;
const LEGEND_ROW = 22;
const SIGN_WIDTH = 32;
/** Fonts differ: a name may be wider than is reckoned with. */
const LEGEND_GAP = 22;

interface Drawn extends Series {
  readonly style: Style;
  readonly coordinates: readonly (readonly [x: number, y: number])[];
  readonly quartiles: readonly (readonly [x: number, low: number, high: number])[];
}

/** A line for each series, over a parameter or over percentiles. */
export function drawLines(data: PlotData, styles: Styles, width: number, caption: Caption): string {
  const [x, y] = axesOf(data, width);
  const drawn = data.series.map((series) =>
    toDrawn(series, styles.of(series.subject, variantIndex(data, series)), x, y),
  );
  const frame = frameOf(data, caption, width, y.logarithmic);
  const labelWidth = Math.max(...drawn.map(({ name }) => textWidth(printable(name)))) + 22;
  const beside = labelWidth <= width * LABEL_SHARE && endEarly(drawn) <= 1;
  const legend = beside ? [] : legendRows(drawn, width);
  const grid = {
    left: EDGE + Math.max(...y.ticks.map(({ label }) => textWidth(label))) + 8,
    right: beside ? labelWidth : EDGE + 12,
    top: frame.top + (legend.length > 0 ? legend.length * LEGEND_ROW + 6 : 0) + 12,
    bottom: frame.bottom + AXIS_NAME_HEIGHT,
  };
  const inner = Math.max(HEIGHT, drawn.length * LINE_HEIGHT);
  const height = grid.top + inner + grid.bottom;
  const labels = placeLabels(
    drawn.map(({ coordinates }) =>
      coordinates.map(([px, py]) => [px, ((y.max - py) / (y.max - y.min)) * inner] as const),
    ),
    { height: inner, gap: LINE_HEIGHT },
  );
  return renderChart(
    {
      ...frame.option,
      ...(beside ? {} : { legend: legendOf(legend, frame, drawn) }),
      grid,
      xAxis: { ...axisOption(x), ...nameOf(data, x) },
      yAxis: { ...axisOption(y), axisLine: { show: false }, axisTick: { ...axisTick(y), show: false } },
      series: drawn.flatMap((series, i) => [errorBarsOf(series), lineOf(series, i, beside ? labels[i] : undefined)]),
    },
    { width, height },
  );
}

/** How many lines end before the others: the names of several would lie on lines, and on each other. */
function endEarly(drawn: readonly Drawn[]): number {
  const ends = drawn.map(({ coordinates }) => coordinates.at(-1)?.[0] ?? 0);
  return ends.filter((end) => end < Math.max(...ends)).length;
}

function axesOf({ plot, categories, series }: PlotData, width: number): [x: Axis, y: Axis] {
  const points = series.flatMap((one) => one.points);
  const places = points.map(({ x }) => x);
  const values = points.flatMap(({ result }) => [result.q1, result.median, result.q3]);
  const ticks = Math.max(3, Math.floor((width * 0.8) / TICK_WIDTH));
  const y = valueAxis(values, plot.yScale, TICKS_UPRIGHT);
  if (categories) return [categoryAxis(categories), y];
  if (plot.kind === 'percentiles') return [percentileAxis(places), y];
  return [parameterAxis(places, plot.xScale, ticks), y];
}

function variantIndex({ series }: PlotData, { variant }: Series): number {
  return [...new Set(series.map((other) => other.variant))].indexOf(variant);
}

function toDrawn(series: Series, style: Style, x: Axis, y: Axis): Drawn {
  const coordinates = series.points.map((point) => [x.place(point.x), y.place(point.result.median)] as const);
  const quartiles = series.points.map(
    ({ x: at, result }) => [x.place(at), y.place(result.q1), y.place(result.q3)] as const,
  );
  return { ...series, style, coordinates, quartiles };
}

function axisTick({ ticks }: Axis): object {
  return { ...axisLook.axisTick, customValues: ticks.map(({ place }) => place) };
}

function axisOption(axis: Axis): object {
  return {
    ...axisLook,
    type: 'value',
    min: axis.min,
    max: axis.max,
    axisTick: axisTick(axis),
    axisLine: { ...axisLook.axisLine, onZero: false },
    axisLabel: {
      ...axisLook.axisLabel,
      customValues: axis.ticks.map(({ place }) => place),
      formatter: (place: number) => {
        const nearest = axis.ticks.find((tick) => Math.abs(tick.place - place) < 1e-9);
        return printable(nearest?.label ?? '');
      },
    },
  };
}

function nameOf({ x }: PlotData, { logarithmic }: Axis): object {
  const name = printable(logarithmic ? `${x} (logarithmic)` : (x ?? ''));
  return { name, nameLocation: 'middle', nameGap: 26 };
}

function lineOf({ style, coordinates, name }: Drawn, i: number, label: Label | undefined): object {
  const last = coordinates.length - 1;
  return {
    type: 'line',
    name: String(i),
    data: coordinates.map((value, at) =>
      at === last && label ? { value, label: labelOf(name, style, label) } : value,
    ),
    clip: false,
    silent: true,
    symbol: style.symbol,
    symbolSize: SYMBOL_SIZE,
    showAllSymbol: true,
    color: style.colour,
    itemStyle: { color: style.hollow ? PAPER.light : style.colour, borderColor: style.colour, borderWidth: 2 },
    lineStyle: { color: style.colour, width: 2, type: style.dash.length > 0 ? style.dash : 'solid' },
  };
}

type Label = ReturnType<typeof placeLabels>[number];

function labelOf(name: string, { colour }: Style, { position, offset }: Label): object {
  return {
    show: true,
    position,
    offset: [0, offset],
    distance: 8,
    formatter: () => printable(name),
    color: colour,
    fontSize: FONT_SIZE,
    fontWeight: 600,
    textBorderColor: PAPER.light,
    textBorderWidth: 3,
  };
}

function errorBarsOf({ style, quartiles }: Drawn): object {
  return {
    type: 'custom',
    data: quartiles,
    clip: false,
    silent: true,
    renderItem: (_: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) => {
      const [x = 0, low = 0, high = 0] = numbersOf(api, 3);
      return errorBar(api.coord([x, low]), api.coord([x, high]), style.colour);
    },
  };
}

/** One for each row, since the rows of one are as far apart as its names. */
function legendOf(rows: readonly (readonly string[])[], { top }: Frame, drawn: readonly Drawn[]): object[] {
  return rows.map((data, row) => ({
    data,
    formatter: (i: string) => printable(drawn[Number(i)]?.name ?? ''),
    left: EDGE,
    top: top + 8 + row * LEGEND_ROW,
    padding: 0,
    itemGap: LEGEND_GAP,
    itemWidth: SIGN_WIDTH,
    itemHeight: SYMBOL_SIZE,
    selectedMode: false,
    lineStyle: { width: 2 },
    textStyle: { color: INK.light, fontSize: FONT_SIZE },
  }));
}

/** The numbers of the lines, row by row. */
function legendRows(drawn: readonly Drawn[], width: number): string[][] {
  const rows: string[][] = [[]];
  let used = 0;
  for (const [i, { name }] of drawn.entries()) {
    const needed = SIGN_WIDTH + LEGEND_GAP + textWidth(printable(name));
    if (used > 0 && used + needed > width - 2 * EDGE) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1)?.push(String(i));
    used += needed;
  }
  return rows;
}
