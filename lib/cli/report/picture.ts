import { drawBars } from './bar_chart.ts';
import { type Caption, FONT } from './frame.ts';
import { drawLines } from './line_chart.ts';
import { escapeMarkup } from './markup.ts';
import { darkStyle, type Styles } from './palette.ts';
import type { PlotData } from './plot_data.ts';

/** Marks pictures, for the style that exchanges their colours in the dark. */
export const PICTURE_CLASS = 'fdpoll-plot';
export const WIDE = 784;
/** The width of a phone. */
export const NARROW = 375;

export interface PictureOptions {
  readonly width: number;
  /** Unique in the page that the picture is part of. */
  readonly id: string;
  /** What somebody hears who does not see the picture. */
  readonly description: string;
  readonly caption?: Caption;
}

/** A plot as an element `svg`, to be put into a page with `darkStyle`. */
export function drawPicture(data: PlotData, styles: Styles, options: PictureOptions): string {
  const { width, id, description, caption = {} } = options;
  const draw = data.plot.kind === 'bar' ? drawBars : drawLines;
  const drawn = draw(data, styles, width, caption);
  const [opening = ''] = /^<svg [^>]*>/.exec(drawn) ?? [];
  const viewBox = /viewBox="([^"]*)"/.exec(opening)?.[1] ?? '';
  const [, , , height = ''] = viewBox.split(' ');
  const body = withoutIdle(drawn.slice(opening.length));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="${PICTURE_CLASS}" viewBox="${viewBox}" width="${width}"`,
    ` height="${height}" font-family="${FONT}" role="img" aria-labelledby="${id}-title ${id}-description">\n`,
    `<title id="${id}-title">${escapeMarkup(data.plot.title)}</title>\n`,
    `<desc id="${id}-description">${escapeMarkup(description)}</desc>`,
    body,
  ].join('');
}

/** Without what every element repeats, and what only a script would read. */
function withoutIdle(drawn: string): string {
  return drawn
    .replaceAll(`font-family:${FONT};`, '')
    .replace(/ (xml:space="preserve"|pointer-events="visible"|ecmeta_\w+="[^"]*")/g, '');
}

/** A plot as a file of its own, for light and dark surroundings. */
export function drawFile(data: PlotData, styles: Styles, description: string, source: string): string {
  const caption = { title: data.plot.title, source };
  const svg = drawPicture(data, styles, { width: WIDE, id: 'plot', description, caption });
  const end = svg.indexOf('</desc>') + '</desc>'.length;
  return `${svg.slice(0, end)}\n<style>${darkStyle(`.${PICTURE_CLASS}`)}</style>${svg.slice(end)}\n`;
}
