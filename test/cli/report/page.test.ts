import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toDocument } from '../../../lib/cli/report/document.ts';
import { printable } from '../../../lib/cli/report/markup.ts';
import { renderPage } from '../../../lib/cli/report/page.ts';
import { Styles } from '../../../lib/cli/report/palette.ts';
import { drawFile } from '../../../lib/cli/report/picture.ts';
import type { Results } from '../../../lib/cli/results.ts';
import { launch, open, withoutBrowser } from './browser.ts';
import { plotNamed, rich, richStyles } from './plots.ts';
import { HOSTILE, resultsOf } from './results.ts';

const failures = [{ scenario: HOSTILE, subject: HOSTILE, message: HOSTILE }];
const hostile: Results = { ...rich, command: HOSTILE, interrupted: true, failures };

function pageOf(...all: readonly Results[]): string {
  const sources = all.map((results, i) => ({ name: `${i} ${HOSTILE}.json`, results }));
  return renderPage(toDocument(sources), new Styles(all));
}

describe('renderPage', () => {
  const page = pageOf(rich);

  it('needs nothing else and runs nothing', () => {
    const own = page.replaceAll('http://www.w3.org/2000/svg', '');
    expect(own).not.toMatch(/<script|<link (?!rel="icon" href="data:,")|<iframe|https?:|@import|url\((?!#)/);
    expect(own).toContain('content="default-src &#39;none&#39;;');
  });

  it('has the environment, the contents, and of each scenario what it measures and what repeats it', () => {
    expect(page).toContain('<dt>kernel</dt><dd>Linux 6.1.0 x86_64</dd>');
    expect(page).toContain('<a href="#dispatch"><code>dispatch</code> what an event costs');
    expect(page).toContain('<section id="dispatch">');
    expect(page).toContain('10 of them are active.');
    expect(page).toContain('<pre><code>fdpoll run dispatch</code></pre>');
    expect(page).toContain('<li>select stops below pairs = 1,000');
  });

  it('has two sizes of every picture, the sentence of the plot, what the figures say, and a table', () => {
    const figures = page.match(/<figure [\s\S]*?<\/figure>\s*<details>[\s\S]*?<\/details>/g) ?? [];
    expect(figures).toHaveLength(rich.scenarios.flatMap(({ plots }) => plots).length - 1);
    for (const figure of figures) expect(figure.match(/<svg /g)).toHaveLength(2);
    expect(figures[0]).toMatch(/one that rises looks at each of them\.<\/span> At pairs = 100,000, epoll is at/);
    expect(figures[0]).toContain('<th scope="col" class="number">median (µs)</th>');
  });

  it('uses no id twice', () => {
    const ids = [...pageOf(rich, rich).matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has a section for each of several files', () => {
    expect(pageOf(rich, rich).match(/<h2>[01] /g)).toHaveLength(2);
  });

  it('says when there is nothing to draw, what failed, and that a run was interrupted', () => {
    expect(pageOf(resultsOf([]))).toContain('There is nothing to draw: nothing was measured.');
    expect(page).toContain('There is nothing to draw: nothing of this was measured.');
    expect(page).not.toContain('interrupted');
    expect(pageOf(resultsOf([], { interrupted: true }))).toContain('interrupted');
    const failed = resultsOf([], { failures: [{ scenario: 'echo', subject: 'poll', message: 'broken' }] });
    expect(pageOf(failed)).toContain('<li><b>echo</b> on <b>poll</b>: broken</li>');
  });
});

const patience = { timeout: 60_000 };

describe.skipIf(withoutBrowser)('the page in a browser (skipped: there is none)', patience, () => {
  let browser: Browser;
  let folder: string;
  let url: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fdpoll-'));
    url = write('page.html', pageOf(hostile));
    browser = await launch();
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function write(name: string, content: string): string {
    const path = join(folder, name);
    writeFileSync(path, content);
    return pathToFileURL(path).href;
  }

  const looks = [375, 1280].flatMap((width) => (['light', 'dark'] as const).map((scheme) => ({ width, scheme })));

  it.each(
    looks,
  )('comes up at $width pixels in the $scheme without complaint, request or scrolling aside', async (look) => {
    const { page, complaints, requests } = await open(browser, url, look);
    for (const details of await page.locator('details').all())
      await details.evaluate((element) => element.setAttribute('open', ''));
    const [inner, outer] = (await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')) as [
      number,
      number,
    ];
    expect({ complaints, requests }).toEqual({ complaints: [], requests: [] });
    expect(inner).toBeLessThanOrEqual(outer);
    await page.close();
  });

  it.each([375, 1280])('shows every picture once, with texts inside it, at %i pixels', async (width) => {
    const { page } = await open(browser, url, { width, scheme: 'light' });
    const shown = (await page.evaluate(`[...document.querySelectorAll('svg')]
      .filter((svg) => svg.getBoundingClientRect().width > 0)
      .map((svg) => {
        const box = svg.getBoundingClientRect();
        const texts = [...svg.querySelectorAll('text')].filter((text) => text.textContent.length < 40);
        const inside = texts.filter((text) => {
          const { left, right, top, bottom, height } = text.getBoundingClientRect();
          return height > 6 && left >= box.left - 1 && right <= box.right + 1 && top >= box.top - 1 && bottom <= box.bottom + 1;
        });
        return { texts: texts.length, inside: inside.length, width: box.width };
      })`)) as { texts: number; inside: number; width: number }[];
    expect(shown).toHaveLength(rich.scenarios.flatMap(({ plots }) => plots).length - 1);
    for (const { texts, inside, width: its } of shown) {
      expect(inside).toBe(texts);
      expect(inside).toBeGreaterThan(4);
      expect(its).toBeGreaterThan(width * 0.5);
    }
    await page.close();
  });

  it('is light in the light and dark in the dark, pictures too', async () => {
    const [light = [], dark = []] = await Promise.all(
      (['light', 'dark'] as const).map(async (scheme) => {
        const { page } = await open(browser, url, { width: 1280, scheme });
        const found = await page.evaluate(`['body', '.wide svg rect', '.wide svg text'].map((selector) => {
          const style = getComputedStyle(document.querySelector(selector));
          return selector === 'body' ? style.backgroundColor : style.fill;
        })`);
        await page.close();
        return found as string[];
      }),
    );
    expect(light).toEqual(['rgb(255, 255, 255)', 'rgb(255, 255, 255)', expect.any(String)]);
    expect(dark).toEqual(['rgb(13, 17, 23)', 'rgb(13, 17, 23)', expect.any(String)]);
    expect(dark[2]).not.toBe(light[2]);
  });

  it('shows hostile texts, and makes no element of them', async () => {
    const { page } = await open(browser, url, { width: 1280, scheme: 'light' });
    expect(await page.evaluate(`document.querySelectorAll('img, script, iframe, object, style ~ style').length`)).toBe(
      0,
    );
    const text = (await page.evaluate('document.body.textContent')) as string;
    expect(text.split(printable(HOSTILE)).length).toBeGreaterThan(20);
    await page.close();
  });

  it('shows a picture as a file of its own in the colours of its surroundings', async () => {
    const svg = write('picture.svg', drawFile(plotNamed('../../', 'bar'), richStyles, HOSTILE, HOSTILE));
    const seen: string[] = [];
    for (const scheme of ['light', 'dark'] as const) {
      const { page, complaints } = await open(browser, svg, { width: 800, scheme });
      seen.push((await page.evaluate(`getComputedStyle(document.querySelector('rect')).fill`)) as string);
      expect(complaints).toEqual([]);
      expect(
        await page.evaluate(`document.documentElement.tagName + document.querySelectorAll('parsererror').length`),
      ).toBe('svg0');
      await page.close();
    }
    expect(seen).toEqual(['rgb(255, 255, 255)', 'rgb(13, 17, 23)']);
  });
});
