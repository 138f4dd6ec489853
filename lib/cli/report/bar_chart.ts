import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from 'echarts/types/dist/shared';
import { formatFigure } from '../format.ts';
import type { Metric } from '../results.ts';
import { valueAxis } from './axis.ts';
import { renderChart } from './charts.ts';
import { errorBar, numbersOf } from './error_bar.ts';
import { axisLook, type Caption, EDGE, FONT, FONT_SIZE, frameOf, textWidth } from './frame.ts';
import { printable } from './markup.ts';
import { INK, PAPER, type Styles } from './palette.ts';
import type { PlotData, Point, Series } from './plot_data.ts';

const ROW = 34;
const THICKNESS = 18;
const AXIS_HEIGHT = 26;
/** The names may take this much of the width; longer ones are broken into lines. */
const NAME_SHARE = 0.36;
const NAME_LINE = 14;
/** Fonts differ: a name may be wider than is reckoned with. */
const FONT_MARGIN = 0.9;
const TICK_WIDTH = 70;

type Bar = Point & Pick<Series, 'name' | 'subject'>;

/** A lying bar for each series, the best one first. Names have room in front of it, and figures behind. */
export function drawBars(data: PlotData, styles: Styles, width: number, caption: Caption): string {
  const bars = sortedBars(data);
  const values = bars.flatMap(({ result }) => [result.q1, result.median, result.q3]);
  const figures = bars.map(({ result }) => formatFigure(result.median));
  const nameWidth = Math.min(width * NAME_SHARE, Math.max(...bars.map(({ name }) => textWidth(printable(name)))) + 6);
  const figureWidth = Math.max(...figures.map((figure) => textWidth(figure))) + 10;
  const ticksMax = Math.max(2, Math.floor((width - nameWidth - figureWidth) / TICK_WIDTH));
  const axis = valueAxis(values, data.plot.yScale, ticksMax);
  const frame = frameOf(data, caption, width, axis.logarithmic);
  const lines = Math.max(
    ...bars.map(({ name }) => Math.ceil(textWidth(printable(name)) / (nameWidth * FONT_MARGIN * FONT_MARGIN))),
  );
  const row = Math.max(ROW, lines * NAME_LINE + 8);
  const grid = {
    left: EDGE + nameWidth + 8,
    right: EDGE + figureWidth,
    top: frame.top + 6,
    bottom: frame.bottom + AXIS_HEIGHT,
  };
  const ticks = axis.ticks.map(({ place }) => place);
  const label = (place: number) => axis.ticks.find((tick) => Math.abs(tick.place - place) < 1e-9)?.label ?? '';
  return renderChart(
    {
      ...frame.option,
      grid,
      xAxis: {
        ...axisLook,
        ...{ type: 'value', min: axis.min, max: axis.max },
        axisLine: { show: false },
        axisTick: { show: false, customValues: ticks },
        axisLabel: { ...axisLook.axisLabel, customValues: ticks, formatter: label },
      },
      yAxis: {
        ...axisLook,
        ...{ type: 'category', inverse: true, data: bars.map((_, i) => String(i)) },
        splitLine: { show: false },
        axisTick: { show: false },
        axisLine: { ...axisLook.axisLine, onZero: false },
        axisLabel: {
          ...axisLook.axisLabel,
          ...{
            color: INK.light,
            interval: 0,
            width: nameWidth * FONT_MARGIN,
            overflow: 'break',
            lineHeight: NAME_LINE,
          },
          formatter: (i: string) => printable(bars[Number(i)]?.name ?? ''),
        },
      },
      series: {
        type: 'custom',
        clip: false,
        silent: true,
        data: bars.map(({ result }, i) => [axis.place(result.median), i, axis.place(result.q1), axis.place(result.q3)]),
        renderItem: (_: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) => {
          const [value = 0, i = 0, low = 0, high = 0] = numbersOf(api, 4);
          const [start = 0, y = 0] = api.coord([Math.min(Math.max(0, axis.min), axis.max), i]);
          const [end = 0] = api.coord([value, i]);
          const [behind = 0] = api.coord([Math.max(value, high), i]);
          const colour = styles.of(bars[i]?.subject ?? '').colour;
          const shape = {
            x: Math.min(start, end),
            y: y - THICKNESS / 2,
            width: Math.abs(end - start),
            height: THICKNESS,
          };
          return {
            type: 'group',
            children: [
              { type: 'rect', shape, style: { fill: colour } },
              errorBar(api.coord([low, i]), api.coord([high, i]), INK.light, PAPER.light),
              {
                type: 'text',
                style: {
                  ...{ text: figures[i] ?? '', x: behind + 8, y, verticalAlign: 'middle', align: 'left' },
                  ...{ fill: INK.light, fontSize: FONT_SIZE, fontFamily: FONT, fontWeight: 600 },
                  ...{ stroke: PAPER.light, lineWidth: 3 },
                },
              },
            ],
          };
        },
      },
    },
    { width, height: grid.top + bars.length * row + grid.bottom },
  );
}

function sortedBars({ metric, series }: PlotData): Bar[] {
  const bars = series.flatMap(({ name, subject, points }) => points.map((point) => ({ ...point, name, subject })));
  return bars.sort((a, b) => better(metric) * (a.result.median - b.result.median));
}

function better({ better }: Metric): 1 | -1 {
  return better === 'lower' ? 1 : -1;
}
