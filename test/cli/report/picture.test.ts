import { describe, expect, it } from 'vitest';
import { drawFile, drawPicture } from '../../../lib/cli/report/picture.ts';
import { plotNamed, richStyles } from './plots.ts';
import { HOSTILE } from './results.ts';
import { textsOf } from './svg.ts';

const options = { width: 375, id: 'x', description: HOSTILE };

describe('drawPicture', () => {
  it.each([
    ['dispatch', 'count'],
    ['wake-up', 'latency'],
    ['echo', 'rate'],
  ])('draws %s %s with a title and a description for those who do not see it', (scenario, plot) => {
    const svg = drawPicture(plotNamed(scenario, plot), richStyles, options);
    expect(svg).toMatch(
      /^<svg [^>]*role="img" aria-labelledby="x-title x-description">\n<title id="x-title">[^<]+<\/title>\n<desc /,
    );
    expect(svg).toMatch(/<\/svg>$/);
  });

  it('scales: it has a view box beside its size', () => {
    expect(drawPicture(plotNamed('echo', 'rate'), richStyles, options)).toMatch(
      /viewBox="0 0 375 (\d+)" width="375" height="\1"/,
    );
  });

  it('escapes the description', () => {
    expect(drawPicture(plotNamed('echo', 'rate'), richStyles, options)).not.toContain('<img');
  });
});

describe('drawFile', () => {
  const svg = drawFile(plotNamed('dispatch', 'count'), richStyles, 'what it says', 'fdpoll 1.2.3 on Linux');

  it('says in the picture what it shows and where the figures are from', () => {
    expect(textsOf(svg)).toEqual(
      expect.arrayContaining(['An event, against the number of descriptors', 'fdpoll 1.2.3 on Linux']),
    );
  });

  it('has its own style for the dark, and colours that need no style in the light', () => {
    expect(svg.match(/<style>@media \(prefers-color-scheme:dark\){/g)).toHaveLength(1);
    expect(svg).toContain('fill="#ffffff"');
    expect(svg).not.toContain('var(');
  });

  it('refers to nothing outside, and runs nothing', () => {
    expect(svg.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|href|<script|url\((?!#)|@import/);
  });

  it('is the same each time', () => {
    const plain = (text: string) => text.replace(/zr\d+/g, 'zr');
    expect(plain(drawFile(plotNamed('dispatch', 'count'), richStyles, 'what it says', 'fdpoll 1.2.3 on Linux'))).toBe(
      plain(svg),
    );
  });
});
