import { describe, expect, it } from 'vitest';
import { errorBar } from '../../../lib/cli/report/error_bar.ts';

type Group = { children: { shape: object; style: { stroke: string } }[] };

describe('errorBar', () => {
  it('is a line with an end across it at both sides', () => {
    const { children } = errorBar([10, 20], [10, 40], '#123456') as Group;
    expect(children.map(({ shape }) => shape)).toEqual([
      { x1: 10, y1: 20, x2: 10, y2: 40 },
      { x1: 7, y1: 20, x2: 13, y2: 20 },
      { x1: 7, y1: 40, x2: 13, y2: 40 },
    ]);
  });

  it('lies where the values do', () => {
    const { children } = errorBar([10, 20], [30, 20], '#123456') as Group;
    expect(children[1]?.shape).toEqual({ x1: 10, y1: 17, x2: 10, y2: 23 });
  });

  it('is kept apart from what is below', () => {
    const { children } = errorBar([10, 20], [30, 20], '#123456', '#ffffff') as Group;
    expect(children.map(({ style }) => style.stroke)).toEqual([
      ...Array(3).fill('#ffffff'),
      ...Array(3).fill('#123456'),
    ]);
  });
});
