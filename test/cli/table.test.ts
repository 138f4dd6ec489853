import { describe, expect, it } from 'vitest';
import { renderTable, UNSURE } from '../../lib/cli/table.ts';
import { measured, rate, time } from './samples.ts';

const steady = (value: number): number[] => [value, value, value, value, value];

describe('renderTable', () => {
  it('shows median, quartiles and the ratio to the best with its interval, aligned', () => {
    const measurements = [
      measured('epoll', time, [1, 1.1, 1.2, 1.1, 1.1]),
      measured('poll', time, [11, 12.1, 13.2, 12.1, 12.1]),
    ];
    expect(renderTable(measurements, time).split('\n')).toEqual([
      'subject  median (µs)  quartiles  × best       95 %',
      '──────────────────────────────────────────────────',
      'epoll           1.10  1.10–1.10    1.00',
      'poll            12.1  12.1–12.1    11.0  11.0–11.0',
    ]);
  });

  it('takes the highest for the best where higher is better', () => {
    const rows = renderTable([measured('a', rate, steady(100)), measured('b', rate, steady(50))], rate).split('\n');
    expect(rows[2]).toMatch(/^a .* 1\.00$/);
    expect(rows[3]).toMatch(/^b .* 0\.500 {2}0\.500–0\.500$/);
  });

  it('compares with the reference where it was measured', () => {
    const measurements = [measured('epoll', time, steady(1)), measured('node:net', time, steady(2))];
    const [head, , first, second] = renderTable(measurements, time, 'node:net').split('\n');
    expect(head).toMatch(/ × node:net +95 %$/);
    expect(first).toMatch(/ 0\.500 {2}0\.500–0\.500$/);
    expect(second).toMatch(/ 1\.00$/);
  });

  it('compares with the best where the reference is missing', () => {
    expect(renderTable([measured('epoll', time, [1])], time, 'node:net')).toContain('× best');
  });

  it('groups by the parameters that vary and leaves out the others', () => {
    const measurements = [10, 1000].flatMap((pairs) => [
      measured('epoll', time, steady(1), { pairs, active: 10 }),
      measured('poll', time, steady(pairs), { pairs, active: 10 }),
    ]);
    const [head, , ...rows] = renderTable(measurements, time).split('\n');
    expect(head).toMatch(/^pairs {2}subject/);
    expect(rows.map((row) => row.trim().split(/\s+/)[0])).toEqual(['10', 'poll', '1,000', 'poll']);
    expect(rows[3]).toMatch(/ 1,000 {2}1,000–1,000$/);
  });

  it('marks a ratio that may as well be 1, and only that', () => {
    const noisy = measured('poll', time, [1, 3, 1, 3, 2]);
    const rows = renderTable([measured('epoll', time, [3, 1, 2, 1, 3]), noisy], time).split('\n');
    expect(rows.filter((row) => row.includes(UNSURE))).toHaveLength(1);
    const clear = renderTable([measured('epoll', time, steady(1)), measured('poll', time, steady(2))], time);
    expect(clear).not.toContain(UNSURE);
  });

  it('marks every ratio of too few rounds', () => {
    const few = [measured('epoll', time, [1]), measured('poll', time, [20])];
    expect(renderTable(few, time)).toContain(`20.0${UNSURE}`);
  });

  it('shows the metric that was asked for only', () => {
    expect(renderTable([measured('epoll', time, [1]), measured('other', rate, [1])], time)).not.toContain('other');
  });

  it('compares with the best of a group that lacks the reference, and says so', () => {
    const measurements = [
      measured('epoll', time, [1], 10),
      measured('node:net', time, [2], 10),
      measured('epoll', time, [4], 99.9),
    ];
    const [head, , ...rows] = renderTable(measurements, time, 'node:net').split('\n');
    expect(head).toContain('× node:net or best');
    expect(rows[2]).toMatch(/^ *99\.9 +epoll .* 1\.00$/);
  });
});
