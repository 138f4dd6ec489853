import { describe, expect, it } from 'vitest';
import { Watch } from '../lib/watch.ts';
import { FakeHome } from './support/batches.ts';

describe('a watch', () => {
  it('has no changes before it is told of some: always the same empty list, which nobody can fill', () => {
    const home = new FakeHome();
    const [watch, other] = [new Watch(home, 1, 'here'), new Watch(home, 2, 'there')];
    expect([watch.kind, watch.path, watch.changes]).toEqual(['watch', 'here', []]);
    expect(watch.changes).toBe(other.changes);
    expect(Object.isFrozen(watch.changes)).toBe(true);
  });

  it('reads its changes once for each batch', () => {
    const home = new FakeHome();
    const watch = new Watch(home, 1, 'here');
    home.tell([watch, 0]);
    const first = watch.changes;
    expect(watch.changes).toBe(first);
    home.tell([watch, 0]);
    expect(watch.changes).not.toBe(first);
    home.tell();
    expect(Object.isFrozen(watch.changes)).toBe(true);
  });

  it('ends when it is told so, and not before', () => {
    const home = new FakeHome();
    const watch = new Watch(home, 1, 'here');
    home.tell([watch, 0]);
    expect(watch.closed).toBe(false);
    home.tell([watch, 1]);
    expect(watch.closed).toBe(true);
  });
});
