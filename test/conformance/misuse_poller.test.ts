import { describe, expect, it } from 'vitest';
import { type Mode, Poller, READABLE, Waker, WRITABLE } from '../../lib/index.ts';
import { describeEachBackend } from '../support/backends.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import {
  expectEvents,
  expectFdError,
  expectOutOfRange,
  expectUnknownValue,
  expectWrongType,
} from '../support/expect.ts';
import { pair, say } from '../support/sockets.ts';

const noNumbers = ['1', '', null, true, 1n, {}, [], [1], () => 1, Symbol('n'), new Date(), new Number(1)];
const badDescriptors = [-1, -(2 ** 31), -(2 ** 53), 0.5, Number.NaN, Infinity, -Infinity, 2 ** 31, 2 ** 32, 2 ** 53];

describeEachBackend('misuse of a poller', (backend) => {
  it.each([
    ...noNumbers,
    undefined,
    { fd: '1' },
    { fd: null },
    { fd: {} },
  ])('a descriptor that is %o is refused', (value) => {
    const poller = backend.poller();
    const descriptor = value as unknown as number;
    for (const call of [
      () => poller.add(descriptor, READABLE),
      () => poller.modify(descriptor, READABLE),
      () => poller.delete(descriptor),
      () => poller.has(descriptor),
    ])
      expect(expectWrongType(call).message).toMatch(/descriptor/);
    expect(poller.size).toBe(0);
  });

  it.each(badDescriptors)('the descriptor %d is out of range', (number) => {
    const poller = backend.poller();
    for (const descriptor of [number, { fd: number }]) {
      expect(expectOutOfRange(() => poller.add(descriptor, READABLE)).message).toMatch(/descriptor/);
      expectOutOfRange(() => poller.modify(descriptor, READABLE));
      if (number < 0 && Number.isInteger(number)) {
        expect(poller.delete(descriptor)).toBe(false);
        expect(poller.has(descriptor)).toBe(false);
      }
    }
    expect(poller.size).toBe(0);
  });

  it('what a getter throws goes through, and nothing is added', () => {
    const poller = backend.poller();
    const angry = {
      get fd(): number {
        throw new RangeError('not today');
      },
    };
    expect(() => poller.add(angry, READABLE)).toThrow('not today');
    expect(() => poller.has(angry)).toThrow('not today');
    expect(poller.size).toBe(0);
  });

  it('a getter that closes the poller, or adds the descriptor, does no harm', () => {
    const poller = backend.poller();
    const [a, b] = pair();
    expectFdError(
      () =>
        poller.add(
          {
            get fd() {
              poller.add(a, READABLE);
              return a.fd;
            },
          },
          WRITABLE,
        ),
      'EEXIST',
    );
    say(b);
    expectEvents(poller, [[a, READABLE]]);
    const closer = {
      get fd() {
        poller.close();
        return b.fd;
      },
    };
    expect(() => poller.add(closer, READABLE)).toThrow(/closed/i);
    expect(poller.closed).toBe(true);
  });

  it.each([...noNumbers, undefined])('an interest that is %o is refused', (value) => {
    const poller = backend.poller();
    const [a, b] = pair();
    const interest = value as unknown as number;
    expect(expectWrongType(() => poller.add(a, interest)).message).toMatch(/interest/);
    poller.add(b, READABLE);
    expectWrongType(() => poller.modify(b, interest));
    expect(poller.size).toBe(1);
    say(a);
    expectEvents(poller, [[b, READABLE]]);
  });

  it.each([
    -1,
    0.5,
    Number.NaN,
    Infinity,
    64,
    128,
    2 ** 31,
    2 ** 32,
    2 ** 32 + 1,
    2 ** 53,
  ])('the interest %d is out of range', (interest) => {
    const poller = backend.poller();
    const [a, b] = pair();
    expect(expectOutOfRange(() => poller.add(a, interest)).message).toMatch(/interest/);
    poller.add(b, READABLE);
    expectOutOfRange(() => poller.modify(b, interest));
    expect(poller.has(a)).toBe(false);
    say(a);
    expectEvents(poller, [[b, READABLE]]);
  });

  it.each([
    '',
    'Level',
    'edge ',
    'one-shot',
    'edge+oneshot',
    'toString',
    '__proto__',
  ])('the mode %j is unknown', (mode) => {
    const poller = backend.poller();
    const [a, b] = pair();
    const message = expectUnknownValue(() => poller.add(a, READABLE, { mode: mode as Mode })).message;
    expect(message).toMatch(/level/);
    poller.add(b, READABLE);
    expectUnknownValue(() => poller.modify(b, READABLE, { mode: mode as Mode }));
    expect(poller.size).toBe(1);
  });

  it.each([1, null, {}, [], true, Symbol('m')])('the mode %o is refused', (mode) => {
    const poller = backend.poller();
    const [a] = pair();
    expectWrongType(() => poller.add(a, READABLE, { mode: mode as Mode }));
    expect(poller.size).toBe(0);
  });

  it.each(['true', 1, null, {}])('exclusive that is %o is refused', (exclusive) => {
    const poller = backend.poller();
    const [a] = pair();
    expectWrongType(() => poller.add(a, READABLE, { exclusive: exclusive as boolean }));
    expect(poller.size).toBe(0);
  });

  it.each(['oneshot', 1, true, null, Symbol('o')])('options that are %o are refused', (options) => {
    const poller = backend.poller();
    const [a] = pair();
    expectWrongType(() => poller.add(a, READABLE, options as unknown as object));
    expectWrongType(() => new Poller(options as unknown as object));
    expect(poller.size).toBe(0);
  });

  it('modify takes neither exclusive nor a change of it', () => {
    const poller = backend.poller();
    const [a, b] = pair();
    poller.add(a, READABLE);
    poller.modify(a, READABLE, { exclusive: false } as object);
    say(b);
    expectEvents(poller, [[a, READABLE]]);
  });

  it.each([...noNumbers])('maxEvents that is %o is refused', (maxEvents) => {
    expectWrongType(() => new Poller({ backend: backend.name, maxEvents: maxEvents as unknown as number }));
  });

  it.each([
    0,
    -1,
    0.5,
    Number.NaN,
    Infinity,
    2 ** 31,
    2 ** 32,
    2 ** 53,
  ])('maxEvents %d is out of range', (maxEvents) => {
    expect(expectOutOfRange(() => new Poller({ backend: backend.name, maxEvents })).message).toMatch(/maxEvents/);
  });

  it('columns whose memory was transferred away harm nobody', () => {
    const poller = backend.poller<string>();
    const [a, b] = pair();
    poller.add(a, READABLE, { data: 'a' });
    say(b);
    const events = poller.wait(1000);
    for (const column of [events.fds, events.flags, events.available]) {
      try {
        structuredClone(column.buffer, { transfer: [column.buffer as ArrayBuffer] });
      } catch {
        // Refusing the transfer is fine.
      }
    }
    for (let round = 0; round < 3; round++) {
      try {
        poller.wait(10);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }
    for (const event of events) expect(event.data).toBe('a');
    expect(poller.delete(a)).toBe(true);
    poller.close();
    expect(poller.closed).toBe(true);
  });

  it('an index outside the batch has no data', () => {
    const poller = backend.poller<string>();
    const [a] = pair();
    poller.add(a, WRITABLE, { data: 'only' });
    const events = poller.wait(1000);
    for (const i of [1, 2, 63, 1e6, -1, 0.5, Number.NaN, 2 ** 32]) {
      try {
        expect(events.data(i)).toBeUndefined();
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }
  });
});

describe('misuse of classes', () => {
  checkDescriptorsAfterEachTest();

  const poller = Poller.prototype;
  const borrowed = [{}, null, undefined, 1, 'poller', Object.create(poller), { fd: 1 }, new Proxy({}, {})];

  it.each(borrowed)('a method of Poller on %o is a TypeError', (receiver) => {
    for (const name of ['add', 'modify', 'delete', 'has', 'wait', 'close'] as const)
      expect(() => Reflect.apply(poller[name], receiver, [0, READABLE]), name).toThrow(TypeError);
    for (const name of ['backend', 'fd', 'size', 'closed', 'waker'])
      expect(() => Reflect.get(poller, name, receiver), name).toThrow(TypeError);
  });

  it.each(borrowed)('a method of Waker on %o is a TypeError', (receiver) => {
    expect(() => Reflect.apply(Waker.prototype.wake, receiver, [])).toThrow(TypeError);
  });

  it('the classes are constructed with new only', () => {
    expect(() => (Poller as unknown as () => void)()).toThrow(TypeError);
    expect(() => (Waker as unknown as () => void)()).toThrow(TypeError);
  });

  it.each(['1', null, undefined, {}, [], 1n, Symbol('h')])('Waker.from(%o) is refused', (handle) => {
    expectWrongType(() => Waker.from(handle as unknown as number));
  });

  it.each([Number.NaN, 0.5, Infinity, 2 ** 53])('Waker.from(%d) is out of range', (handle) => {
    expectOutOfRange(() => Waker.from(handle));
  });
});
