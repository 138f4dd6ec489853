import { describe, expect, it } from 'vitest';
import { pageStyle } from '../../../lib/cli/report/page_style.ts';

describe('pageStyle', () => {
  it('says each of its colours for light and for dark', () => {
    const [light = '', dark = ''] = [...pageStyle.matchAll(/:root{([^}]*)}/g)].map(([, rules]) => rules);
    const names = (rules: string) => [...rules.matchAll(/--([\w-]+):/g)].map(([, name]) => name);
    expect(names(light)).toEqual(names(dark));
    for (const [, name] of pageStyle.matchAll(/var\(--([\w-]+)\)/g)) expect(names(light)).toContain(name);
  });

  it('loads nothing', () => {
    expect(pageStyle).not.toMatch(/url\(|@import|@font-face/);
  });
});
