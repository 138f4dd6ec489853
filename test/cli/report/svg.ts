import { colours } from '../../../lib/cli/report/palette.ts';

/** The texts that a picture shows, in their order. */
export function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => plain(text));
}

/** Colours that would stay as they are in the dark. */
export function strayColours(svg: string): string[] {
  const known = ['none', ...colours.map(({ light }) => light)];
  // What is not visible may have any.
  const visible = svg
    .replace(/<clipPath[\s\S]*?<\/clipPath>/g, '')
    .replace(/<path[^>]*fill-opacity="0"[^>]*>/g, '')
    // Nothing lies within a line from here to there.
    .replace(/(<path d="M[\d. -]+L[\d. -]+"[^>]*) fill="#000"/g, '$1');
  const used = [...visible.matchAll(/(?:fill|stroke)="([^"]*)"/g)].map(([, colour = '']) => colour);
  return [...new Set(used)].filter((colour) => !known.includes(colour));
}

function plain(text: string): string {
  const characters: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };
  return text.replace(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => characters[name] ?? '');
}
