import { Batch } from '../../lib/batch.ts';
import { READABLE, WRITABLE } from '../../lib/constants.ts';
import { Events } from '../../lib/events.ts';
import type { Home, Source } from '../../lib/source.ts';
import { Timer } from '../../lib/timer.ts';

/** Three events as the addon writes them; each slot's data is its letter. */
export const threeEvents = (): { batch: Batch<string>; events: Events<string> } => {
  const batch = new Batch<string>(4);
  for (const [slot, letter] of ['a', 'b', 'c'].entries()) batch.take(slot, letter, { letter });
  batch.fds.set([7, 9, 4]);
  batch.flags.set([READABLE, READABLE | WRITABLE, WRITABLE]);
  batch.available.set([12, -1, -1]);
  batch.slots.set([2, 0, 1]);
  batch.length = 3;
  return { batch, events: new Events(batch, -1) };
};

/** A poller as its sources see it, which writes down what they ask of it. */
export class FakeHome<T = unknown> implements Home<T> {
  readonly handle = -1;
  readonly batch: Batch<T>;
  readonly kept: number[] = [];
  readonly removed: Source<T>[] = [];

  constructor(batch: Batch<T> = new Batch<T>(4)) {
    this.batch = batch;
  }

  keep(difference: number): void {
    this.kept.push(difference);
  }

  remove(source: Source<T>): void {
    this.removed.push(source);
  }

  /** A batch of these events of sources, as the addon writes it. */
  tell(...events: readonly [source: Source<T>, payload: number][]): void {
    const { batch } = this;
    batch.beforeWait();
    for (const [i, [source, payload]] of events.entries()) {
      batch.fds[i] = -1;
      batch.flags[i] = READABLE;
      batch.available[i] = payload;
      batch.slots[i] = source.slot;
      batch.sources.set(source.slot, source);
    }
    batch.begin(events.length + 2 ** 25);
  }
}

/** Event i is one of a timer from now on. */
export const sourceAt = (batch: Batch<string>, i: number): { home: FakeHome<string>; timer: Timer } => {
  const home = new FakeHome<string>(batch);
  const slot = batch.slots[i] as number;
  const timer = new Timer<string>(home, slot, 0, undefined);
  batch.fds[i] = -1;
  batch.sources.set(slot, timer);
  return { home, timer: timer as Timer };
};
