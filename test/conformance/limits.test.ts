import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DatagramBatch,
  eventfd,
  interfaceIndex,
  interfaceName,
  memfd,
  Poller,
  READABLE,
  Socket,
  toDuplex,
  waitFor,
} from '../../lib/index.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { thrownBy } from '../support/expect.ts';
import { addressOf, bytes, closing, listen, pair } from '../support/sockets.ts';

/** What no limit may be: `least` and `most` are the ends of what it may. */
const hostile = (least: number, most: number) =>
  fc.oneof(
    fc.constantFrom<unknown>(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, least - 1, most + 1, 0.5),
    fc.constantFrom<unknown>(2 ** 53, 2 ** 63, 2 ** 64, -(2 ** 31) - 1, -(2 ** 63), 1e308, 5e-324),
    fc.constantFrom<unknown>(null, true, '1', '', 1n, [], [1], {}, { valueOf: () => 1 }, () => 1, Symbol('1')),
    fc.double({ noInteger: true, noNaN: true }),
    fc.bigInt(),
    fc.string(),
  );

const limits: [name: string, least: number, most: number, use: (value: never) => unknown][] = [
  ['backlog of Socket.listen', 0, 2 ** 31 - 1, (backlog) => Socket.listen('127.0.0.1:0', { backlog })],
  ['backlog of listen', 0, 2 ** 31 - 1, (backlog) => listen().listen(backlog)],
  ['limit of acceptAll', 1, 2 ** 31 - 1, (limit) => listen().acceptAll(limit)],
  ['maxEvents of a poller', 1, 2 ** 20, (maxEvents) => new Poller({ maxEvents })],
  ['slots of a batch', 1, 1024, (count) => new DatagramBatch(count)],
  ['size of a slot', 1, 2 ** 31 - 1, (size) => new DatagramBatch(1, { size })],
  ['controlSize of a message', 0, 2 ** 20, (controlSize) => pair()[0].recvMessage(bytes('x'), { controlSize })],
  ['maxFds of a message', 0, 2 ** 18, (maxFds) => pair()[0].recvMessage(bytes('x'), { maxFds })],
  ['flags of a message', 0, 2 ** 31 - 1, (flags) => pair()[0].recvMessage(bytes('x'), { flags })],
  ['size of an option', 0, 65536, (size) => pair()[0].getOption(1, 3, size)],
  ['initial value of an eventfd', 0, 2 ** 32 - 1, (value) => eventfd(value)],
  ['index of an interface', 0, 2 ** 32 - 1, (index) => interfaceName(index)],
  ['mask of a watch', 0, 2 ** 32 - 1, (mask) => closing(new Poller()).addWatch('/', { mask })],
  ['highest number of a descriptor', 0, 2 ** 31 - 1, (fd) => waitFor(fd, READABLE, 0)],
];

/** Infinity is a limit of none. */
const unlimited: ReadonlySet<string> = new Set(['limit of acceptAll']);

describe('a limit that is no number of its kind is refused before anything is done', () => {
  checkDescriptorsAfterEachTest();

  it.each(limits)('%s', (name, least, most, use) => {
    fc.assert(
      fc.property(hostile(least, most), (value) => {
        if (value === Number.POSITIVE_INFINITY && unlimited.has(name)) return;
        const error = thrownBy(() => use(value as never)) as { code?: string };
        expect(error).toBeInstanceOf(Error);
        expect(['ERR_OUT_OF_RANGE', 'ERR_INVALID_ARG_TYPE', 'ERR_INVALID_ARG_VALUE']).toContain(error.code);
      }),
      { numRuns: 60 },
    );
  });
});

describe('what a peer sends is bounded by who receives', () => {
  checkDescriptorsAfterEachTest();

  it('connections by the budget of acceptAll', () => {
    const listener = listen();
    for (let i = 0; i < 5; i++) closing(Socket.connect(addressOf(listener)));
    expect(listener.acceptAll(2).map(closing)).toHaveLength(2);
    expect(listener.acceptAll(2).map(closing)).toHaveLength(2);
    expect(listener.acceptAll(2).map(closing)).toHaveLength(1);
  });

  it('events by maxEvents, of which none is lost', () => {
    const poller = closing(new Poller({ maxEvents: 2 }));
    for (let i = 0; i < 5; i++) {
      const [a, b] = pair();
      a.send(bytes('x'));
      poller.add(b, READABLE, { mode: 'oneshot' });
    }
    expect([0, 1, 2].map(() => poller.wait(1000).length)).toEqual([2, 2, 1]);
  });

  it('what a stream holds by its highWaterMark, while the rest stays in the kernel', async () => {
    const [a, b] = Socket.pair();
    const stream = toDuplex(b, { highWaterMark: 1000 });
    const block = Buffer.alloc(65536);
    let sent = 0;
    for (let n = a.send(block); n > 0; n = a.send(block)) sent += n;
    await new Promise((resolve) => stream.once('readable', resolve));
    // What is there already, and what one more event reads: never all that was sent, however much that is.
    expect(stream.readableLength).toBeLessThanOrEqual(1000 + 8 * 65536);
    expect(sent).toBeGreaterThan(0);
    a.close();
    stream.destroy();
    await new Promise((resolve) => stream.once('close', resolve));
  });
});

describe('what an error or a name says is bounded', () => {
  checkDescriptorsAfterEachTest();

  it('although the value is long', () => {
    const long = 'x'.repeat(1_000_000);
    for (const call of [() => Socket.listen(long), () => new Socket(long as never, 'stream')]) {
      const error = thrownBy(call) as Error;
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message.length).toBeLessThan(1000);
    }
  });

  it.each([20_000, 3_000_000])('and is refused as a text of %d bytes, wherever it goes', (length) => {
    const long = 'x'.repeat(length);
    const poller = closing(new Poller());
    const uses: [code: string, use: () => unknown][] = [
      ['ERR_INVALID_ARG_VALUE', () => new Poller({ backend: long as never })],
      ['ENAMETOOLONG', () => poller.addWatch(`/${long}`)],
      ['ERR_UNKNOWN_SIGNAL', () => poller.addSignal(long as never)],
      ['ERR_OUT_OF_RANGE', () => Socket.connect(`unix:/${long}`)],
      ['ERR_INVALID_ARG_VALUE', () => Socket.connect(`[${long}]:80`)],
      [process.platform === 'linux' ? 'ENODEV' : 'ENXIO', () => interfaceIndex(long)],
      [process.platform === 'linux' ? 'EINVAL' : 'ENOSYS', () => memfd(long)],
    ];
    for (const [code, use] of uses) expect(thrownBy(use)).toMatchObject({ code });
  });
});
