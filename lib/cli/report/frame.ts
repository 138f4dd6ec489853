import { wrap } from '../format.ts';
import type { Metric } from '../results.ts';
import { printable } from './markup.ts';
import { INK, PAPER, QUIET, RULE } from './palette.ts';
import type { PlotData } from './plot_data.ts';

export const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
export const FONT_SIZE = 12;
export const LINE_HEIGHT = 16;
export const EDGE = 12;

const TITLE_SIZE = 16;
/** The mean width of a character as a share of its height. */
const CHARACTER = 0.56;

/** What is drawn around the plot itself. */
export interface Caption {
  /** Above the plot. A picture that stands alone needs one. */
  readonly title?: string;
  /** Below it: where the figures are from. */
  readonly source?: string;
}

export interface Frame {
  /** How much of the height the texts above and below take. */
  readonly top: number;
  readonly bottom: number;
  readonly option: object;
}

/** Title, what the figures are, and their source. */
export function frameOf({ metric }: PlotData, caption: Caption, width: number, logarithmic: boolean): Frame {
  const inner = width - 2 * EDGE;
  const title = caption.title === undefined ? [] : lines(caption.title, inner, TITLE_SIZE);
  const facts = [withUnitOf(metric.title, metric), `${metric.better} is better`, logarithmic ? 'logarithmic' : ''];
  const subtitle = lines(facts.filter(Boolean).join(', '), inner, FONT_SIZE);
  const source = caption.source === undefined ? [] : lines(caption.source, inner, FONT_SIZE - 1);
  const titleHeight = title.length * (TITLE_SIZE + 5);
  return {
    top: EDGE + titleHeight + subtitle.length * LINE_HEIGHT,
    bottom: EDGE / 2 + (source.length > 0 ? source.length * LINE_HEIGHT + 8 : 0),
    option: {
      backgroundColor: PAPER.light,
      textStyle: { fontFamily: FONT, fontSize: FONT_SIZE },
      title: [
        text(
          title,
          { top: EDGE },
          { fontSize: TITLE_SIZE, lineHeight: TITLE_SIZE + 5, color: INK.light, fontWeight: 600 },
        ),
        text(
          subtitle,
          { top: EDGE + titleHeight },
          { fontSize: FONT_SIZE, lineHeight: LINE_HEIGHT, color: QUIET.light },
        ),
        text(source, { bottom: EDGE / 2 }, { fontSize: FONT_SIZE - 1, lineHeight: LINE_HEIGHT, color: QUIET.light }),
      ],
    },
  };
}

/** A title of figures, with the unit where they have one. */
export function withUnitOf(title: string, { unit }: Metric): string {
  return unit === '1' ? title : `${title} (${unit})`;
}

/** How wide a text is, roughly: there is no font to ask. */
export function textWidth(text: string, size: number = FONT_SIZE): number {
  return [...text].length * size * CHARACTER;
}

/** What an axis of values has in common with others. */
export const axisLook = {
  axisLine: { lineStyle: { color: QUIET.light } },
  axisTick: { lineStyle: { color: QUIET.light } },
  splitLine: { show: true, lineStyle: { color: RULE.light } },
  axisLabel: { color: QUIET.light, fontSize: FONT_SIZE, fontFamily: FONT },
  nameTextStyle: { color: QUIET.light, fontSize: FONT_SIZE, fontFamily: FONT },
};

function lines(text: string, width: number, size: number): string[] {
  return wrap(printable(text), Math.floor(width / (size * CHARACTER))).split('\n');
}

function text(lines: readonly string[], place: object, style: object): object {
  const textStyle = { fontWeight: 'normal', fontFamily: FONT, ...style };
  return { text: lines.join('\n'), left: EDGE, padding: 0, ...place, textStyle };
}
