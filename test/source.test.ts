import { describe, expect, it } from 'vitest';
import { Process } from '../lib/process.ts';
import { Signal } from '../lib/signal.ts';
import { Source } from '../lib/source.ts';
import { FakeHome } from './support/batches.ts';

const SLOT_SPAN = 2 ** 24;

/** Ends with a payload below zero. */
class Plain extends Source {
  readonly kind = 'timer';
  get told_(): number | undefined {
    return this.payload;
  }
  goOn(id: number): void {
    this.revive(id);
  }
  use(): void {
    this.checkOpen();
  }
  protected override endsWith(payload: number): boolean {
    return payload < 0;
  }
}

const plain = (slot = 3): { home: FakeHome; source: Plain } => {
  const home = new FakeHome();
  return { home, source: new Plain(home, 7 * SLOT_SPAN + slot) };
};

describe('a source', () => {
  it('has the slot that its id begins with, also of the largest id', () => {
    expect(plain().source.slot).toBe(3);
    expect(new Plain(new FakeHome(), Number.MAX_SAFE_INTEGER).slot).toBe(SLOT_SPAN - 1);
  });

  it('has its payload until the next wait', () => {
    const { home, source } = plain();
    expect(source.told_).toBeUndefined();
    home.tell([source, 5]);
    expect(source.told_).toBe(5);
    home.tell([source, 6]);
    expect(source.told_).toBe(6);
    home.batch.beforeWait();
    expect(source.told_).toBeUndefined();
    home.tell();
    expect(source.told_).toBeUndefined();
  });

  it('is closed by itself when it ends, and keeps nothing alive from then on', () => {
    const { home, source } = plain();
    home.tell([source, 1]);
    expect([source.closed, source.ended, home.kept]).toEqual([false, false, []]);
    home.tell([source, -1]);
    expect([source.closed, source.ended, home.kept]).toEqual([true, true, [-1]]);
    source.use();
  });

  it('leaves its poller once, when it is closed', () => {
    const { home, source } = plain();
    source.close();
    source.close();
    source[Symbol.dispose]();
    expect([source.closed, home.removed]).toEqual([true, [source]]);
    expect(() => source.use()).toThrow(expect.objectContaining({ code: 'ERR_FDPOLL_CLOSED' }));
  });

  it('leaves its poller when it is closed after it has ended, since its event is still there', () => {
    const { home, source } = plain();
    home.tell([source, -1]);
    source.close();
    expect([home.removed, home.kept]).toEqual([[source], [-1]]);
  });

  it('is closed with its poller, which it does not leave any more', () => {
    const { home, source } = plain();
    source.orphan();
    source.close();
    expect([source.closed, home.removed]).toEqual([true, []]);
    expect(() => source.use()).toThrow(expect.objectContaining({ code: 'ERR_FDPOLL_CLOSED' }));
  });

  it('has not ended after all when its event is untold', () => {
    const { home, source } = plain();
    home.tell([source, -1]);
    home.batch.untell(0);
    expect([source.closed, source.told_, home.kept]).toEqual([false, undefined, [-1, 1]]);
    home.tell([source, -1]);
    expect([source.closed, source.told_, home.kept]).toEqual([true, -1, [-1, 1, -1]]);
  });

  it('goes on under another id, counted once', () => {
    const { home, source } = plain();
    source.goOn(source.id);
    expect(home.kept).toEqual([]);
    home.tell([source, -1]);
    source.goOn(9);
    expect([source.id, source.slot, source.closed, home.kept]).toEqual([9, 9, false, [-1, 1]]);
  });

  it('that keeps nothing alive does not count', () => {
    const home = new FakeHome();
    const signal = new Signal(home, 1, 'SIGHUP');
    home.tell([signal, 1]);
    signal.close();
    expect([signal.keeps, new Process(home, 2, 1).keeps, home.kept]).toEqual([false, true, []]);
  });
});
