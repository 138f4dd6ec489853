import { describe, expect, it } from 'vitest';
import { colours, darkStyle, PAPER, RULE, Styles } from '../../../lib/cli/report/palette.ts';
import { richResults } from './results.ts';

/** The contrast of two colours as WCAG reckons it: 1 to 21. */
function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe('the palette', () => {
  it('can be read on its paper, in light and dark', () => {
    for (const colour of colours.filter((one) => one !== PAPER && one !== RULE)) {
      expect(contrast(colour.light, PAPER.light), colour.light).toBeGreaterThanOrEqual(4.5);
      expect(contrast(colour.dark, PAPER.dark), colour.dark).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('has no colour twice, so that each has one fellow in the dark', () => {
    expect(new Set(colours.map(({ light }) => light)).size).toBe(colours.length);
  });
});

describe('Styles', () => {
  it('knows the backends in every report', () => {
    const [one, other] = [new Styles([]), new Styles([richResults()])];
    for (const backend of ['epoll', 'kqueue', 'poll', 'select']) expect(one.of(backend)).toEqual(other.of(backend));
  });

  it('tells subjects apart by colour and symbol, and by the two of them where there are many', () => {
    const results = richResults();
    const [result] = results.results;
    if (result === undefined) throw new Error('no result');
    const subjects = Array.from({ length: 20 }, (_, i) => `subject ${i}`);
    const styles = new Styles([{ ...results, results: subjects.map((subject) => ({ ...result, subject })) }]);
    expect(new Set(subjects.map((subject) => `${styles.of(subject).colour} ${styles.of(subject).symbol}`)).size).toBe(
      20,
    );
  });

  it('has one colour for a backend and its parts, and tells them apart', () => {
    const styles = new Styles([richResults()]);
    const looks = ['epoll', 'epoll, direct wait', 'epoll, hosted by loop'].map((subject) => styles.of(subject));
    expect(new Set(looks.map(({ colour }) => colour)).size).toBe(1);
    expect(new Set(looks.map(({ dash }) => dash.join())).size).toBe(3);
  });

  it('tells the series of a subject apart by dashes and hollow symbols', () => {
    const styles = new Styles([]);
    const looks = [0, 1, 2, 3].map((variant) => styles.of('epoll', variant));
    expect(new Set(looks.map(({ dash }) => dash.join())).size).toBe(4);
    expect(looks.map(({ hollow }) => hollow)).toEqual([false, true, true, true]);
    expect(new Set(looks.map(({ colour }) => colour)).size).toBe(1);
  });
});

describe('darkStyle', () => {
  it('exchanges every colour, of areas and of lines', () => {
    const style = darkStyle('.plot');
    for (const { light, dark } of colours) {
      expect(style).toContain(`.plot [fill="${light}"]{fill:${dark}}`);
      expect(style).toContain(`.plot [stroke="${light}"]{stroke:${dark}}`);
    }
  });
});
