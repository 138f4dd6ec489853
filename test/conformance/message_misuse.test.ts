import { closeSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Address, Bytes, OutgoingMessage, Socket } from '../../lib/index.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { expectClosed, expectFdError, expectOutOfRange, expectWrongType, thrownBy } from '../support/expect.ts';
import { pairOf, twoBound } from '../support/messages.ts';
import { addressOf, bytes } from '../support/sockets.ts';

const noNumbers = ['1', null, true, 1n, {}, [], Symbol('n'), () => 1] as unknown as number[];
const noFlags = [-1, 0.5, Number.NaN, 2 ** 31, 2 ** 32, Infinity, -Infinity];
const noBytes = [
  'text',
  null,
  undefined,
  8,
  {},
  new ArrayBuffer(8),
  new SharedArrayBuffer(8),
] as unknown as Uint8Array[];

/** Nothing went, and nothing was lost. */
const expectQuiet = (b: Socket): void => expect(b.recvMessage(Buffer.alloc(8))).toBeUndefined();

describe('misuse of messages', () => {
  checkDescriptorsAfterEachTest();

  it.each(noBytes)('a buffer that is %o is refused', (buffer) => {
    const [a, b] = twoBound();
    const to = addressOf(b);
    for (const call of [
      () => a.recvFrom(buffer),
      () => a.sendTo(buffer, to),
      () => a.recvMessage(buffer),
      () => a.recvMessage([Buffer.alloc(1), buffer]),
      () => a.sendMessage(buffer, { address: to }),
      () => a.sendMessage([Buffer.alloc(1), buffer], { address: to, ttl: 3 }),
      // Sparse, and not iterated over by its own rules.
      () => a.sendMessage(Object.assign(new Array(2), { 0: Buffer.alloc(1) }) as Bytes[], { address: to }),
    ])
      expect(expectWrongType(call).message).toMatch(/buffer/);
    expectQuiet(b);
  });

  it('an array is no single buffer', () => {
    const [a, b] = twoBound();
    expectWrongType(() => a.recvFrom([Buffer.alloc(1)] as unknown as Uint8Array));
    expectWrongType(() => a.sendTo([Buffer.alloc(1)] as unknown as Uint8Array, addressOf(b)));
    expectQuiet(b);
  });

  it.each(noNumbers)('flags, sizes and numbers that are %o are refused', (value) => {
    const [a, b] = twoBound();
    const buffer = Buffer.alloc(8);
    const send = (message: object) => () => a.sendMessage(buffer, { address: addressOf(b), ...message });
    for (const call of [
      () => a.recvFrom(buffer, value),
      () => a.sendTo(buffer, addressOf(b), value),
      () => a.recvMessage(buffer, { flags: value }),
      () => a.recvMessage(buffer, { controlSize: value }),
      send({ flags: value }),
      send({ ttl: value }),
      send({ tos: value }),
      send({ segmentSize: value }),
      send({ pktinfo: { interface: value } }),
      send({ credentials: { pid: value, uid: 0, gid: 0 } }),
      send({ credentials: { pid: 1, uid: value, gid: 0 } }),
      send({ credentials: { pid: 1, uid: 0, gid: value } }),
      send({ control: [{ level: value, type: 0, data: buffer }] }),
      send({ control: [{ level: 0, type: value, data: buffer }] }),
      send({ fds: [value] }),
    ])
      expectWrongType(call);
    expectQuiet(b);
  });

  it.each(noFlags)('flags, sizes and numbers of %d are out of range', (value) => {
    const [a, b] = twoBound();
    const buffer = Buffer.alloc(8);
    const send = (message: object) => () => a.sendMessage(buffer, { address: addressOf(b), ...message });
    for (const call of [
      () => a.recvFrom(buffer, value),
      () => a.sendTo(buffer, addressOf(b), value),
      () => a.recvMessage(buffer, { flags: value }),
      () => a.recvMessage(buffer, { controlSize: value }),
      send({ flags: value }),
      send({ ttl: value }),
      send({ tos: value }),
      send({ segmentSize: value }),
      send({ credentials: { pid: value, uid: 0, gid: 0 } }),
      send({ credentials: { pid: 1, uid: value === 2 ** 31 ? -1 : value, gid: 0 } }),
      send({ pktinfo: { interface: value === 2 ** 31 ? -1 : value } }),
      send({ fds: [value] }),
    ])
      expectOutOfRange(call);
    expectQuiet(b);
  });

  it('ttl, tos, segmentSize and controlSize have an end', () => {
    const [a, b] = twoBound();
    for (const message of [{ ttl: 256 }, { tos: 256 }, { segmentSize: 65536 }])
      expectOutOfRange(() => a.sendMessage(bytes('x'), { ...message, address: addressOf(b) }));
    expectOutOfRange(() => a.recvMessage(Buffer.alloc(8), { controlSize: (1 << 20) + 1 }));
    expect(a.recvMessage(Buffer.alloc(8), { controlSize: 1 << 20 })).toBeUndefined();
    expectQuiet(b);
  });

  it.each([
    'text',
    null,
    1,
    true,
    1n,
    Symbol('n'),
  ] as unknown as object[])('a record that is %o is refused', (value) => {
    const [a, b] = twoBound();
    const send = (message: unknown) => () => a.sendMessage(bytes('x'), message as OutgoingMessage);
    for (const call of [
      send(value),
      () => a.recvMessage(Buffer.alloc(8), value),
      send({ fds: value }),
      send({ credentials: value }),
      send({ pktinfo: value }),
      send({ control: value }),
      send({ control: [value] }),
      send({ control: [{ level: 0, type: 0, data: value }] }),
    ])
      expectWrongType(call);
    expectQuiet(b);
  });

  it('a list that is none, and one that is too long', () => {
    const [a, b] = pairOf('dgram');
    const send = (message: unknown) => () => a.sendMessage(bytes('x'), message as OutgoingMessage);
    expectWrongType(send({ fds: { length: 1, 0: 1 } }));
    expectWrongType(send({ fds: new Int32Array(1) }));
    expectWrongType(send({ fds: [undefined] }));
    expectOutOfRange(send({ fds: new Array(70_000).fill(1) }));
    expectOutOfRange(send({ control: new Array(70_000).fill({ level: 0, type: 0, data: Buffer.alloc(0) }) }));
    expectOutOfRange(send({ control: [{ level: 0, type: 0, data: Buffer.alloc((1 << 20) + 1) }] }));
    expectQuiet(b);
  });

  it.each([
    '',
    'x',
    '127.0.0.1',
    '0.0.0.0:0',
    '::1',
    'fe80::1%lo',
    '127.0.0.256',
    '٣'.repeat(46),
    '\u0131.0.0.1',
  ])('a local address %j goes when it is one, of the family, and is refused otherwise', (local) => {
    const [a, b] = twoBound();
    const send = () => a.sendMessage(bytes('x'), { address: addressOf(b), pktinfo: { interface: 0, local } });
    if (local === '127.0.0.1' || local === '') expect(send()).toBe(1);
    else {
      const error = thrownBy(send) as TypeError & { code: string };
      expect(error.code).toBe('ERR_INVALID_ARG_VALUE');
      expect(error.message).toMatch(/pktinfo\.local/);
      expectQuiet(b);
    }
  });

  it.each([undefined, null, 1, true, {}, [], Symbol('n')] as unknown as Address[])('an address %o is refused', (to) => {
    const [a] = twoBound();
    expectWrongType(() => a.sendTo(bytes('x'), to));
    if (to !== undefined) expectWrongType(() => a.sendMessage(bytes('x'), { address: to }));
    expectOutOfRange(() => a.sendTo(bytes('x'), new Uint8Array(129)));
    expectFdError(() => a.sendTo(bytes('x'), new Uint8Array(1)), 'EINVAL', 'sendto');
  });

  it('memory that was transferred away, or shrank, is empty or an error, never a crash', () => {
    const [a, b] = twoBound();
    const gone = new Uint8Array(8);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    type Resizable = ArrayBuffer & { resize(size: number): void };
    const memory = new (ArrayBuffer as unknown as new (size: number, options: object) => Resizable)(16, {
      maxByteLength: 32,
    });
    const shrunk = new Uint8Array(memory, 8, 8);
    memory.resize(4);
    for (const view of [gone, shrunk, new DataView(new ArrayBuffer(0))])
      for (const call of [
        () => a.recvFrom(view)?.bytes,
        () => a.recvMessage([view, Buffer.alloc(1)])?.bytes,
        () => a.sendTo(view, addressOf(b)),
        () => a.sendMessage([view], { address: addressOf(b) }),
        () => a.sendMessage(bytes(''), { address: addressOf(b), control: [{ level: 1 << 20, type: 0, data: view }] }),
      ])
        expect(call() ?? 0).toBe(0);
    while (b.recvMessage(Buffer.alloc(8)) !== undefined);
  });

  it('shared memory is memory', () => {
    const [a, b] = pairOf('dgram');
    const shared = new Uint8Array(new SharedArrayBuffer(8), 2, 4);
    shared.set(bytes('abcd'));
    expect(a.sendMessage([shared, shared])).toBe(8);
    expect(b.recvMessage([shared.subarray(0, 2), shared])?.bytes).toBe(6);
    expect(Buffer.from(shared).toString()).toBe('cdab');
  });

  it('what the caller’s own code does while it is asked is seen: closing, and taking memory away', () => {
    const [a, b] = pairOf('dgram');
    const buffer = new Uint8Array(8);
    const evil = [buffer, buffer];
    Object.defineProperty(evil, 1, {
      get() {
        structuredClone(buffer.buffer, { transfer: [buffer.buffer] });
        return new Uint8Array(1);
      },
    });
    expect(a.sendMessage(evil)).toBe(1);
    expect(b.recvMessage(Buffer.alloc(8))?.bytes).toBe(1);
    const throwing = new Proxy([buffer], {
      get: (target, name) => {
        if (name === '0') throw new Error('mine');
        return Reflect.get(target, name);
      },
    });
    expect(() => a.sendMessage(throwing)).toThrow('mine');
    const again: OutgoingMessage = {
      get fds() {
        // A call inside of a call: neither may write what the other one sends.
        a.sendMessage(bytes('in'), { fds: [a.fd] });
        return [];
      },
    };
    expect(a.sendMessage(bytes('out'), again)).toBe(3);
    const inner = b.recvMessage(Buffer.alloc(8));
    expect(inner).toMatchObject({ bytes: 2, fds: [expect.any(Number)] });
    for (const fd of inner?.fds ?? []) closeSync(fd);
    expect(b.recvMessage(Buffer.alloc(8))).toMatchObject({ bytes: 3, fds: [] });
    const nested: Uint8Array[] = [];
    Object.defineProperty(nested, 0, {
      get: () => {
        a.sendMessage(bytes('in'), { fds: [], control: [] });
        a.sendMessage(bytes('in'), { fds: [a.fd, a.fd] });
        return bytes('out');
      },
    });
    expect(a.sendMessage(nested, { fds: [a.fd] })).toBe(3);
    a.close();
    for (const count of [0, 2, 1]) {
      const message = b.recvMessage(Buffer.alloc(8));
      expect(message?.fds).toHaveLength(count);
      for (const fd of message?.fds ?? []) closeSync(fd);
    }
    const closing: Uint8Array[] = [buffer];
    Object.defineProperty(closing, 0, {
      get: () => {
        b.close();
        return new Uint8Array(8);
      },
    });
    expectClosed(() => b.recvMessage(closing));
  });

  it('of a closed socket is ERR_FDPOLL_CLOSED', () => {
    const [a, b] = twoBound();
    a.close();
    for (const call of [
      () => a.recvFrom(Buffer.alloc(1)),
      () => a.sendTo(Buffer.alloc(1), addressOf(b)),
      () => a.recvMessage(Buffer.alloc(1)),
      () => a.recvMessage([]),
      () => a.sendMessage(Buffer.alloc(1)),
      () => a.sendMessage(Buffer.alloc(1), { address: addressOf(b), ttl: 1 }),
      () => a.atMark(),
    ])
      expectClosed(call);
  });

  it('what was put on Object.prototype is no option of who gave none', () => {
    const [a, b] = pairOf('dgram');
    const names = ['flags', 'controlSize', 'fds', 'ttl'];
    try {
      for (const name of names)
        Object.defineProperty(Object.prototype, name, { configurable: true, value: 'polluted', writable: true });
      expect(a.sendMessage(bytes('x'))).toBe(1);
      expect(b.recvMessage(Buffer.alloc(8))?.bytes).toBe(1);
    } finally {
      for (const name of names) Reflect.deleteProperty(Object.prototype, name);
    }
  });
});
