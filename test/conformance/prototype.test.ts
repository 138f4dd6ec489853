import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Address,
  acceptLoop,
  backends,
  constants,
  DatagramBatch,
  decodeAddress,
  encodeAddress,
  FdError,
  interfaceIndex,
  Poller,
  parseAddress,
  READABLE,
  ready,
  Socket,
} from '../../lib/index.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { expectOutOfRange, expectUnknownValue, thrownBy } from '../support/expect.ts';
import { addressOf, closing, pair } from '../support/sockets.ts';

const linux = process.platform === 'linux';
const LINUX_TEXTS = ['unix:@name', 'netlink:0:1', 'packet:1:0x0800', 'packet:1:0x0800:02:00:5e:10:00:01', 'can:1'];

/** Every name that an option or a field of a record of the library has. */
const NAMES =
  'address addresses arena backend backlog bytes capabilities cid control controlSize credentials data every events ' +
  'exclusive family fds flags flowInfo groups host hosting interface ipv6Only local localAddress maxEvents maxFds ' +
  'mask mode options path pid pktinfo poller port protocol reason reuseAddress reusePort scopeId segmentSize signal ' +
  'size source syscall timeout tos ttl type';
const hostile = { toString: () => 'polluted' };

/** What this gives while Object.prototype has all of them. */
const polluted = <T>(act: () => T): T => {
  const names = NAMES.split(' ');
  try {
    for (const name of names)
      Object.defineProperty(Object.prototype, name, { configurable: true, writable: true, value: hostile });
    return act();
  } finally {
    for (const name of names) Reflect.deleteProperty(Object.prototype, name);
  }
};

/** The keys that mean something else than others where objects are merged carelessly. */
const hostileJson = fc
  .tuple(
    fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'then'),
    fc.jsonValue({ maxDepth: 2 }),
    fc.boolean(),
  )
  .map(([key, value, nested]) => {
    const inner = nested ? `{"prototype":{"polluted":${JSON.stringify(value)}},"polluted":1}` : JSON.stringify(value);
    return JSON.parse(`{${JSON.stringify(key)}:${inner}}`) as Record<string, never>;
  });

const expectUntouched = (): void => {
  expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  expect('polluted' in {}).toBe(false);
  expect(Object.keys(Object.prototype)).toEqual([]);
};

describe('what hangs on Object.prototype', () => {
  checkDescriptorsAfterEachTest();

  const open: [name: string, call: () => { close(): void } | { close(): void }[]][] = [
    ['new Socket', () => new Socket('inet6', 'dgram')],
    ['Socket.listen', () => Socket.listen('127.0.0.1:0')],
    ['Socket.listen of IPv6', () => Socket.listen('[::1]:0')],
    ['Socket.listenAll', () => Socket.listenAll(['127.0.0.1:0', '[::1]:0'])],
    ['Socket.connect', () => Socket.connect(addressOf(closing(Socket.listen('127.0.0.1:0'))))],
    ['new Poller', () => new Poller()],
  ];

  it.each(open)('is no option of who gives none: %s', (_, call) => {
    const made = polluted(call);
    for (const each of [made].flat()) closing(each);
    for (const each of [made].flat()) expect(each).toBeInstanceOf(each instanceof Poller ? Poller : Socket);
  });

  it('is no option of who gives none: a poller, its registrations and its sources', () => {
    const [a] = pair();
    const poller = closing(new Poller<unknown>());
    const labels = polluted(() => {
      poller.add(a, READABLE);
      poller.modify(a, READABLE);
      poller.addTimer(0);
      poller.addSignal('SIGUSR2').close();
      poller.addWatch('/').close();
      return [...poller.wait(1000)].map((event) => event.data);
    });
    // One timer that has fired once, with no label.
    expect(labels).toEqual([undefined]);
    expect(poller.size).toBe(1);
  });

  it('is no option of the pollers that the library makes', () => {
    const listener = closing(Socket.listen('127.0.0.1:0'));
    const client = closing(Socket.connect(addressOf(listener)));
    let accepted: Socket | undefined;
    polluted(() =>
      acceptLoop(listener, (socket) => {
        accepted = socket;
        return false;
      }),
    );
    expect(closing(accepted as unknown as Socket).remoteAddress).toEqual(client.localAddress);
  });

  it('is no option of who gives none: messages, batches and waiting', async () => {
    const [a, b] = Socket.pair('dgram').map(closing) as [Socket, Socket];
    const [batch, sent, message] = polluted(() => [
      new DatagramBatch(2),
      a.sendMessage(Buffer.from('x')),
      b.recvMessage(Buffer.alloc(4)),
    ]);
    expect(batch).toMatchObject({ capacity: 2, size: 2048 });
    expect(sent).toBe(1);
    expect(Object.keys(message ?? {})).toEqual(['bytes', 'fds', 'flags', 'truncated', 'controlTruncated']);
    a.send(Buffer.from('y'));
    expect(await polluted(() => ready(b, READABLE))).toBe(READABLE);
  });

  const texts = ['127.0.0.1:80', '[::1]:80', 'unix:/run/x', 'unix:', 'vsock:2:1024', ...(linux ? LINUX_TEXTS : [])];

  it.each(texts)('is no part of an address that is written %s', (text) => {
    const bytes = encodeAddress(text);
    const object = decodeAddress(bytes);
    const [again, decoded, parsed] = polluted(() => [encodeAddress(text), decodeAddress(bytes), parseAddress(text)]);
    expect(again).toEqual(bytes);
    expect(decoded).toEqual(object);
    expect(parsed).toEqual(parseAddress(text));
    expect(encodeAddress(decoded)).toEqual(bytes);
  });

  it('is no address of a peer, nothing of an error and no reason of a backend', () => {
    const [a] = pair();
    const [local, remote, error, list] = polluted(() => [
      a.localAddress,
      a.remoteAddress,
      thrownBy(() => a.listen()),
      backends(),
    ]);
    expect([local, remote]).toEqual([
      { family: 'unix', path: '' },
      { family: 'unix', path: '' },
    ]);
    expect(error).toBeInstanceOf(FdError);
    expect(['address', 'port', 'path'].filter((name) => Object.hasOwn(error as object, name))).toEqual([]);
    expect((error as FdError).message).not.toContain('polluted');
    expect(list).toEqual(backends());
  });

  it('counts in an object of options that is given, as with Node: so does what a class has', () => {
    class Defaults {
      get backlog(): number {
        return -1;
      }
    }
    for (const address of ['127.0.0.1:0', '[::1]:0']) {
      expectOutOfRange(() => Socket.listen(address, new Defaults()));
      expectOutOfRange(() => Socket.listenAll([address], new Defaults()));
      expectOutOfRange(() => Socket.listen(address, Object.create({ backlog: -1 })));
    }
    expect(thrownBy(() => polluted(() => new Poller({})))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
  });
});

describe('keys with a meaning of their own', () => {
  checkDescriptorsAfterEachTest();

  it('change no prototype, whatever they hold, and are no options', () => {
    const [a, b] = Socket.pair('dgram').map(closing) as [Socket, Socket];
    const poller = closing(new Poller());
    fc.assert(
      fc.property(hostileJson, (options) => {
        Socket.listen('127.0.0.1:0', options).close();
        for (const socket of Socket.listenAll(['127.0.0.1:0', '[::1]:0'], options)) socket.close();
        new Socket('inet', 'dgram', options).close();
        poller.add(a, READABLE, options);
        poller.modify(a, READABLE, options);
        poller.delete(a);
        poller.addTimer(60_000, options).close();
        expect(new DatagramBatch(1, options).size).toBe(2048);
        expect(a.sendMessage(Buffer.from('x'), options)).toBe(1);
        expect(b.recvMessage(Buffer.alloc(4), options)?.bytes).toBe(1);
        expectUntouched();
      }),
      { numRuns: 100 },
    );
  });

  it('are no names of socket options, and those of a struct are looked for among its own', () => {
    const socket = closing(new Socket('inet', 'stream'));
    fc.assert(
      fc.property(hostileJson, (options) => {
        const [name = ''] = Object.keys(options);
        expectUnknownValue(() => Socket.listen('127.0.0.1:0', { options }));
        expectUnknownValue(() => Socket.connect('127.0.0.1:9', { options }));
        expectUnknownValue(() => socket.getOption(name));
        expectUnknownValue(() => socket.setOption(name, 1));
        expect(thrownBy(() => socket.setOption('SO_LINGER', options))).toBeInstanceOf(TypeError);
        expect(thrownBy(() => new Socket(name as 'inet', 'stream'))).toBeInstanceOf(TypeError);
        expect(thrownBy(() => new Socket('inet', name as 'stream'))).toBeInstanceOf(TypeError);
        expect(thrownBy(() => new Socket('inet', 'stream', { protocol: name }))).toBeInstanceOf(TypeError);
        expect(constants[name]).toBeUndefined();
        expectUntouched();
      }),
      { numRuns: 100 },
    );
  });

  it('are no addresses and no interfaces', () => {
    fc.assert(
      fc.property(hostileJson, (address) => {
        expect(thrownBy(() => encodeAddress(address as unknown as Address))).toBeInstanceOf(TypeError);
        const [name = ''] = Object.keys(address);
        expect(thrownBy(() => encodeAddress({ family: name } as unknown as Address))).toBeInstanceOf(TypeError);
        expect(thrownBy(() => interfaceIndex(name))).toBeInstanceOf(FdError);
        expect(parseAddress(`unix:${name}`)).toEqual({ family: 'unix', path: name });
        expectUntouched();
      }),
      { numRuns: 100 },
    );
  });
});
