import { describe, expect, it } from 'vitest';
import { READABLE, WRITABLE } from '../../lib/index.ts';
import { describeEachBackend } from '../support/backends.ts';
import { expectEvents, expectNoEvents, expectOutOfRange, expectWrongType } from '../support/expect.ts';
import { drain, openPipe, pair, readByte, say } from '../support/sockets.ts';
import { startHelper } from '../support/threads.ts';

const elapsed = (call: () => unknown): number => {
  const start = performance.now();
  call();
  return performance.now() - start;
};

describeEachBackend('time', (backend) => {
  it.each([0, -0, -1, -0.5, -1e9, -Infinity])('a timeout of %d only looks', (timeout) => {
    const poller = backend.poller();
    const [a, b] = pair();
    poller.add(a, READABLE);
    expect(elapsed(() => expect(poller.wait(timeout).length).toBe(0))).toBeLessThan(100);
    say(b);
    expect(poller.wait(timeout).length).toBe(1);
  });

  it.each([0.01, 0.1, 0.5, 0.9, 1, 1.5, 5, 20, 99.9, 101])('a timeout of %d ms is never early', (timeout) => {
    const poller = backend.poller();
    const [a] = pair();
    poller.add(a, READABLE);
    const rounds = timeout < 5 ? 50 : 3;
    for (let round = 0; round < rounds; round++) expectNoEvents(poller, timeout);
  });

  it('a poller with nothing in it waits as long as it is told', () => {
    const poller = backend.poller();
    expectNoEvents(poller, 20);
    expectNoEvents(poller, 0.3);
  });

  it('a wait that timed out can be repeated and lasts as long again', () => {
    const poller = backend.poller();
    const [a, b] = pair();
    poller.add(a, READABLE);
    expectNoEvents(poller, 15);
    expectNoEvents(poller, 15);
    say(b);
    expectEvents(poller, [[a, READABLE]]);
    drain(a);
    expectNoEvents(poller, 15);
  });

  it('a timeout below a millisecond is neither a spin nor rounded up to a whole one', () => {
    const poller = backend.poller();
    const times = Array.from({ length: 50 }, () => elapsed(() => poller.wait(0.2)));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(0.2);
    // The best of 50: a busy machine may be late, but not every time.
    if (backend.info.capabilities.nanoseconds) expect(Math.min(...times)).toBeLessThan(0.9);
    else expect(Math.min(...times)).toBeLessThan(5);
  });

  it.each([0.9, 1.9])('timeouts of %d ms are slept, not spun', (timeout) => {
    const poller = backend.poller();
    const before = process.cpuUsage();
    const time = elapsed(() => {
      for (let round = 0; round < 150; round++) poller.wait(timeout);
    });
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000 / time, 'CPU time per time').toBeLessThan(0.5);
  });

  it('an event ends a wait before its time', () => {
    const poller = backend.poller();
    const [a] = pair();
    poller.add(a, WRITABLE);
    expect(elapsed(() => expectEvents(poller, [[a, WRITABLE]]))).toBeLessThan(1000);
  });

  describe('with another thread that writes a byte', () => {
    const huge = [undefined, Infinity, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 32 + 5, 2 ** 53, 1e15, Number.MAX_VALUE];
    it.each(huge)('a timeout of %s waits for it', async (timeout) => {
      const helper = await startHelper();
      const poller = backend.poller();
      const { read, write } = openPipe();
      poller.add(read, READABLE);
      for (let round = 0; round < 2; round++) {
        let length = 0;
        const time = elapsed(() => {
          helper.write(write, 25);
          length = (timeout === undefined ? poller.wait() : poller.wait(timeout)).length;
        });
        expect(length).toBe(1);
        expect(time).toBeGreaterThanOrEqual(25);
        expect(time).toBeLessThan(2000);
        readByte(read);
      }
    });

    it('a wait reports it at once, not at the end of its time', async () => {
      const helper = await startHelper();
      const poller = backend.poller();
      const { read, write } = openPipe();
      poller.add(read, READABLE);
      const time = elapsed(() => {
        helper.write(write, 150);
        expect(poller.wait(10_000).length).toBe(1);
      });
      expect(time).toBeGreaterThanOrEqual(150);
      expect(time).toBeLessThan(1150);
    });
  });

  it('NaN is out of range, and so says the message', () => {
    const poller = backend.poller();
    expect(expectOutOfRange(() => poller.wait(Number.NaN)).message).toMatch(/timeout/);
  });

  it.each([
    '10',
    null,
    10n,
    {},
    [],
    true,
    () => 1,
    Symbol('t'),
  ])('a timeout that is no number is refused: %o', (timeout) => {
    const poller = backend.poller();
    expect(expectWrongType(() => poller.wait(timeout as unknown as number)).message).toMatch(/timeout/);
  });
});
