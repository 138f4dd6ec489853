/** Where the name of a line is written: beside its last point, or above or below that. */
export interface Label {
  readonly position: 'right' | 'top' | 'bottom';
  /** How far it moves down, in pixels. */
  readonly offset: number;
}

type Pixels = readonly (readonly [x: number, y: number])[];

export interface Room {
  readonly height: number;
  /** The least distance between two labels. */
  readonly gap: number;
}

/**
 * Lines that end at the right have their names there, moved apart until none covers another. One that ends before has
 * its name on the side of its end where more room is.
 */
export function placeLabels(lines: readonly Pixels[], { height, gap }: Room): Label[] {
  const right = Math.max(...lines.flatMap((line) => line.map(([x]) => x)));
  const ends = lines.map((line, i) => ({ i, x: line.at(-1)?.[0] ?? 0, y: line.at(-1)?.[1] ?? 0 }));
  const atRight = ends.filter(({ x }) => x === right).sort((a, b) => a.y - b.y);
  const moved = new Map(
    spread(
      atRight.map(({ y }) => y),
      height,
      gap,
    ).map((y, k) => [atRight[k]?.i, y]),
  );
  return ends.map(({ i, x, y }) => {
    const place = moved.get(i);
    if (place !== undefined) return { position: 'right', offset: place - y };
    const distances = lines.flatMap((line, other) => (other === i ? [] : heightsNear(line, x).map((at) => at - y)));
    const above = Math.min(y, ...distances.filter((distance) => distance <= 0).map((distance) => -distance));
    const below = Math.min(height - y, ...distances.filter((distance) => distance > 0));
    return { position: above >= below ? 'top' : 'bottom', offset: 0 };
  });
}

/** The same order, each at least `gap` from the next, as near to where they were as it can be told at one pass each way. */
function spread(heights: readonly number[], height: number, gap: number): number[] {
  const placed: number[] = [];
  for (const y of heights) placed.push(Math.max(y, (placed.at(-1) ?? Number.NEGATIVE_INFINITY) + gap));
  let lowest = height;
  for (let i = placed.length - 1; i >= 0; i--) {
    placed[i] = Math.min(placed[i] ?? 0, lowest);
    lowest = (placed[i] ?? 0) - gap;
  }
  return placed;
}

/** Where a line passes a place of the x axis. */
function heightsNear(line: Pixels, x: number): number[] {
  return line.flatMap(([fromX, fromY], i) => {
    const [toX, toY] = line[i + 1] ?? [fromX, fromY];
    if (x < fromX || x > toX) return [];
    return [toX === fromX ? fromY : fromY + ((x - fromX) / (toX - fromX)) * (toY - fromY)];
  });
}
