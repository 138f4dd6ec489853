import { describe, expect, it } from 'vitest';
import { outcomeOf, renderDescriptors } from '../../../lib/cli/doctor/descriptor_table.ts';
import type { Cell, DescriptorKind } from '../../../lib/cli/doctor/diagnosis.ts';

const cell = (given: Partial<Cell>): Cell => ({ backend: 'epoll', before: [], after: [], ...given });
const pipe: DescriptorKind = {
  kind: 'pipe',
  stimulus: 'a byte was written',
  cells: [cell({ after: ['readable'] }), cell({ backend: 'poll', after: ['readable'] })],
};
const file: DescriptorKind = {
  kind: 'file',
  cells: [cell({ refused: 'EPERM' }), cell({ backend: 'poll', refused: 'EPERM' })],
};

describe('outcomeOf', () => {
  it.each<[Partial<Cell>, string]>([
    [{ after: ['readable'] }, 'readable'],
    [{ after: ['readable', 'writable'] }, 'both'],
    [{ after: ['readable', 'writable', 'error'] }, 'both, error'],
    [{ after: ['writable', 'write-closed'] }, 'writable, write-closed'],
    [{ after: [] }, 'nothing'],
    [{ before: ['readable'], after: ['readable'] }, 'always ready'],
    [{ refused: 'EPERM' }, 'EPERM'],
  ])('of %j is %s', (given, outcome) => {
    expect(outcomeOf(cell(given), 'something was done')).toBe(outcome);
  });
});

describe('renderDescriptors', () => {
  it('has a row for each kind and a column for each backend', () => {
    expect(renderDescriptors([pipe, file], 80).split('\n').slice(0, 4)).toEqual(
      [
        'descriptor  epoll     poll      after',
        '─────────────────────────────────────────────────',
        'pipe        readable  readable  a byte was written',
        'file        EPERM     EPERM     –',
      ].map((line) => (line.startsWith('─') ? '─'.repeat(50) : line)),
    );
  });

  it('leaves out what was done where there is no room for it', () => {
    const lines = renderDescriptors([pipe], 40).split('\n');
    expect(lines[0]).toBe('descriptor  epoll     poll');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
  });

  it('says of a kind that is refused beside others that it is always ready', () => {
    expect(renderDescriptors([pipe, file], 200)).toMatch(/^EPERM: always ready, .* \(file\)\.$/m);
  });

  it('says of a backend that refuses everything that this is a sandbox', () => {
    expect(renderDescriptors([file], 200)).toMatch(/^EPERM: a sandbox refuses it \(file\)\.$/m);
  });

  it('explains codes that it does not know', () => {
    const odd = { kind: 'odd', cells: [cell({ refused: 'EIO' })] };
    expect(renderDescriptors([odd], 80)).toContain('EIO: the system call refused it (odd).');
  });

  it('says what was not tried', () => {
    const text = renderDescriptors([pipe, { kind: 'tty', stimulus: 'x', missing: 'ENOENT', cells: [] }], 80);
    expect(text).toMatch(/^tty +– +– +–$/m);
    expect(text).toContain('– tty: not tried, ENOENT.');
  });
});
