import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemReturn } from 'echarts/types/dist/shared';

const CAP = 3;

/** What the quartiles lie between: a line with an end at both sides. `around` keeps it apart from a bar below. */
export function errorBar(
  [fromX = 0, fromY = 0]: readonly number[],
  [toX = 0, toY = 0]: readonly number[],
  colour: string,
  around?: string,
): CustomSeriesRenderItemReturn {
  const upright = fromX === toX;
  const cap = (x: number, y: number) =>
    upright ? { x1: x - CAP, y1: y, x2: x + CAP, y2: y } : { x1: x, y1: y - CAP, x2: x, y2: y + CAP };
  const shapes = [{ x1: fromX, y1: fromY, x2: toX, y2: toY }, cap(fromX, fromY), cap(toX, toY)];
  const lines = (stroke: string, lineWidth: number) =>
    shapes.map((shape) => ({ type: 'line' as const, shape, style: { stroke, lineWidth, fill: 'none' }, silent: true }));
  return { type: 'group', children: [...(around === undefined ? [] : lines(around, 4)), ...lines(colour, 1.5)] };
}

/** The numbers of a point of a custom series. */
export function numbersOf(api: CustomSeriesRenderItemAPI, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Number(api.value(i)));
}
