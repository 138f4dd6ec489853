import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findOption, OPTION_GROUPS, type OptionRow } from '../lib/option_table.ts';

const page = new URL('../docs/options.md', import.meta.url);

const row = ([name, { takes }, access, note]: OptionRow): string => {
  const value = takes.replaceAll('|', '\\|');
  const use = access === undefined ? '' : `${access} only`;
  return `| \`${name}\` | ${value} | ${[use, note ?? ''].filter((text) => text !== '').join('; ')} |`;
};

const tables = OPTION_GROUPS.map(({ title, level, rows }) =>
  [`## ${title}`, '', `Level \`${level}\`.`, '', '| | value | |', '|---|---|---|', ...rows.map(row), ''].join('\n'),
).join('\n');

describe('the table of options', () => {
  it('is what docs/options.md says; -u writes it there', async () => {
    const text = readFileSync(page, 'utf8');
    const intro = text.slice(0, text.indexOf('\n## ') < 0 ? undefined : text.indexOf('\n## ') + 1);
    await expect(intro + tables).toMatchFileSnapshot('../docs/options.md');
  });

  it('has each name once', () => {
    const names = OPTION_GROUPS.flatMap(({ rows }) => rows.map(([name]) => name));
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    expect(names.length).toBeGreaterThan(300);
  });

  it('finds an option by its name alone, and nothing that every object has', () => {
    expect(findOption('SO_LINGER')).toMatchObject({ level: 'SOL_SOCKET', readable: true, writable: true });
    expect(findOption('SO_ERROR')).toMatchObject({ readable: true, writable: false });
    expect(findOption('MCAST_JOIN_GROUP')).toMatchObject({ readable: false, writable: true });
    for (const name of ['', 'so_linger', 'SO_LINGER ', 'constructor', '__proto__', 'toString'])
      expect(findOption(name), name).toBeUndefined();
  });
});
