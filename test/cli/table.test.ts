import { describe, expect, it } from 'vitest';
import type { Measurement, Metric } from '../../lib/cli/scenario.ts';
import { renderTable } from '../../lib/cli/table.ts';

const time: Metric = { name: 'time', title: 'time', unit: 'µs', better: 'lower' };
const rate: Metric = { name: 'rate', title: 'rate', unit: '1/s', better: 'higher' };

function measured(subject: string, metric: Metric, samples: number[], pairs = 10): Measurement {
  return { scenario: 'test', subject, metric, samples, parameters: { pairs, active: 10 } };
}

describe('renderTable', () => {
  it('shows median, extremes, spread and the ratio to the best, aligned', () => {
    const measurements = [measured('epoll', time, [1, 1.1, 1.2]), measured('poll', time, [11, 12.1, 13.2])];
    expect(renderTable(measurements, time).split('\n')).toEqual([
      'subject  median (µs)   min   max  spread  × best',
      '────────────────────────────────────────────────',
      'epoll           1.10  1.00  1.20    18 %    1.00',
      'poll            12.1  11.0  13.2    18 %    11.0',
    ]);
  });

  it('takes the highest for the best where higher is better', () => {
    const rows = renderTable([measured('a', rate, [100]), measured('b', rate, [50])], rate).split('\n');
    expect(rows[2]).toMatch(/^a .* 1\.00$/);
    expect(rows[3]).toMatch(/^b .* 0\.500$/);
  });

  it('compares with the reference where it was measured', () => {
    const measurements = [measured('epoll', time, [1]), measured('node:net', time, [2])];
    const [head, , first, second] = renderTable(measurements, time, 'node:net').split('\n');
    expect(head).toMatch(/× node:net$/);
    expect(first).toMatch(/0\.500$/);
    expect(second).toMatch(/1\.00$/);
  });

  it('compares with the best where the reference is missing', () => {
    expect(renderTable([measured('epoll', time, [1])], time, 'node:net')).toContain('× best');
  });

  it('groups by the parameters that vary and leaves out the others', () => {
    const measurements = [10, 1000].flatMap((pairs) => [
      measured('epoll', time, [1], pairs),
      measured('poll', time, [pairs], pairs),
    ]);
    const [head, , ...rows] = renderTable(measurements, time).split('\n');
    expect(head).toMatch(/^pairs {2}subject/);
    expect(rows.map((row) => row.trim().split(/\s+/)[0])).toEqual(['10', 'poll', '1,000', 'poll']);
    expect(rows[3]).toMatch(/1,000$/);
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
