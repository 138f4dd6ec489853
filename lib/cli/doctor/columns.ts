import Table, { type HorizontalAlignment } from 'cli-table3';
import { bare } from '../table.ts';

/** A table without lines but one under its head. `widths` of columns make their words wrap. */
export function renderColumns(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  aligns: readonly HorizontalAlignment[] = [],
  widths: readonly (number | null)[] = [],
): string {
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, i) => aligns[i] ?? 'left'),
    colWidths: head.map((_, i) => widths[i] ?? null),
    wordWrap: true,
    chars: { ...bare, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...rows.map((row) => [...row]));
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  const width = Math.max(...lines.map((line) => line.length));
  return `${[lines[0], '─'.repeat(width), ...lines.slice(1)].join('\n')}\n`;
}
