import { describe, expect, it } from 'vitest';
import { placeLabels } from '../../../lib/cli/report/labels.ts';

const room = { height: 100, gap: 10 };
const flat = (y: number, to = 9): [number, number][] => [
  [0, y],
  [to, y],
];

describe('placeLabels', () => {
  it('leaves a name at the height of its line where it is alone', () => {
    expect(placeLabels([flat(20), flat(70)], room)).toEqual([
      { position: 'right', offset: 0 },
      { position: 'right', offset: 0 },
    ]);
  });

  it('moves names apart, in the order of their lines', () => {
    const lines = [flat(50), flat(48), flat(51)];
    const heights = placeLabels(lines, room).map(({ offset }, i) => (lines[i]?.at(-1)?.[1] ?? 0) + offset);
    expect(heights).toEqual([58, 48, 68]);
  });

  it('does not move them out of the plot', () => {
    const lines = [flat(99), flat(100), flat(100)];
    const heights = placeLabels(lines, room).map(({ offset }, i) => (lines[i]?.at(-1)?.[1] ?? 0) + offset);
    expect(heights).toEqual([80, 90, 100]);
  });

  it('has the name of a line that ends before on the side where no other line is', () => {
    expect(placeLabels([flat(50, 4), flat(60)], room)[0]).toEqual({ position: 'top', offset: 0 });
    expect(placeLabels([flat(50, 4), flat(40)], room)[0]).toEqual({ position: 'bottom', offset: 0 });
  });

  it('finds where a line passes between two of its points', () => {
    const rising: [number, number][] = [
      [0, 100],
      [8, 20],
    ];
    // At 4 the other line is at 60, and then the edge is further above than below.
    expect(placeLabels([flat(55, 4), rising], room)[0]?.position).toBe('top');
    expect(placeLabels([flat(70, 4), rising], room)[0]?.position).toBe('bottom');
  });
});
