import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Address,
  type AddressObject,
  addressObject,
  decodeAddress as decode,
  encodeAddress,
  formatAddress,
  parseAddress,
  toObject,
} from '../lib/address.ts';
import { native } from '../lib/binding.ts';
import { systemNumbers } from '../lib/socket_kinds.ts';
import { expectError, expectFdError, expectOutOfRange, expectWrongType } from './support/expect.ts';

const linux = process.platform === 'linux';
// The same cases in every run.
fc.configureGlobal({ seed: 1 });

const families = systemNumbers().all;

const addresses: readonly (readonly [string, AddressObject])[] = [
  ['127.0.0.1:80', { family: 'inet', host: '127.0.0.1', port: 80 }],
  ['0.0.0.0:0', { family: 'inet', host: '0.0.0.0', port: 0 }],
  ['255.255.255.255:65535', { family: 'inet', host: '255.255.255.255', port: 65535 }],
  ['[::1]:80', { family: 'inet6', host: '::1', port: 80 }],
  ['[::]:0', { family: 'inet6', host: '::', port: 0 }],
  ['[::ffff:10.0.0.1]:65535', { family: 'inet6', host: '::ffff:10.0.0.1', port: 65535 }],
  ['[fe80::1%7]:80', { family: 'inet6', host: 'fe80::1', port: 80, scopeId: 7 }],
  ['unix:/run/x.sock', { family: 'unix', path: '/run/x.sock' }],
  ['unix:', { family: 'unix', path: '' }],
  ['unix:with:colons and spaces', { family: 'unix', path: 'with:colons and spaces' }],
  ['unix:/tmp/ünïx', { family: 'unix', path: '/tmp/ünïx' }],
  ['unix:\ufeffmarked', { family: 'unix', path: '\ufeffmarked' }],
  ...(linux ? ([['unix:@abstract', { family: 'unix', path: '\0abstract' }]] as const) : []),
];

const hardware = Uint8Array.of(2, 0, 94, 16, 0, 255);
/** Families that Linux has, and the other systems lack, but for macOS' vsock. */
const rare: readonly (readonly [string, AddressObject])[] = [
  ['vsock:2:1024', { family: 'vsock', cid: 2, port: 1024 }],
  ['vsock:4294967295:4294967295', { family: 'vsock', cid: 2 ** 32 - 1, port: 2 ** 32 - 1 }],
  ['netlink:0:0', { family: 'netlink', pid: 0, groups: 0 }],
  ['netlink:4294967295:4026531840', { family: 'netlink', pid: 2 ** 32 - 1, groups: 0xf000_0000 }],
  ['packet:0:0x0003', { family: 'packet', interface: 0, protocol: 3 }],
  ['packet:1:0x0800', { family: 'packet', interface: 1, protocol: 0x0800 }],
  ['packet:7:0xffff:02:00:5e:10:00:ff', { family: 'packet', interface: 7, protocol: 0xffff, address: hardware }],
  ['packet:2147483647:0x0000:01', { family: 'packet', interface: 2 ** 31 - 1, protocol: 0, address: Uint8Array.of(1) }],
  ['can:0', { family: 'can', interface: 0 }],
  ['can:2147483647', { family: 'can', interface: 2 ** 31 - 1 }],
];
const has = (object: AddressObject): boolean =>
  linux || families[`AF_${String(object.family).toUpperCase()}`] !== undefined;

describe.each([...addresses, ...rare.filter(([, object]) => has(object))])('%s', (text, object) => {
  it('is parsed, and formatted back', () => {
    expect(parseAddress(text)).toEqual(object);
    expect(formatAddress(object)).toBe(text);
  });

  it('is encoded as a sockaddr, the same from each form, and decoded back', () => {
    const bytes = encodeAddress(object);
    expect(encodeAddress(text)).toEqual(bytes);
    expect(encodeAddress(bytes)).toBe(bytes);
    expect(decode(bytes)).toEqual(object);
  });
});

describe.each(rare)('%s, whatever the system', (text, object) => {
  it('is parsed, formatted back, and encoded or said to be of no family', () => {
    expect(parseAddress(text)).toEqual(object);
    expect(formatAddress(object)).toBe(text);
    if (has(object)) expect(decode(encodeAddress(text))).toEqual(object);
    else expectFdError(() => encodeAddress(text), 'EAFNOSUPPORT', 'socket');
  });
});

describe('bytes', () => {
  it('stand for an address of any family', () => {
    const bytes = Uint8Array.of(99, 0, 1, 2, 3, 4);
    expect(encodeAddress({ family: 99, bytes })).toBe(bytes);
    expect(formatAddress({ family: 99, bytes: Buffer.of(1, 171) })).toBe('99:01ab');
  });

  it('come back when nobody knows the family', () => {
    const bytes = linux ? Uint8Array.of(99, 0, 1, 2, 3, 4) : Uint8Array.of(6, 99, 1, 2, 3, 4);
    expect(decode(bytes)).toEqual({ family: 99, bytes });
  });

  it('that are too few for their family come back with its number', () => {
    for (const [text, object] of [...addresses, ...rare].filter(([, known]) => has(known))) {
      if (object.family === 'unix') continue; // Any length of it is a path.
      const bytes = encodeAddress(text);
      const needed = { packet: 12, can: 8, vsock: 12 }[String(object.family)] ?? bytes.length;
      const family = families[`AF_${String(object.family).toUpperCase()}`];
      for (let length = 2; length < needed; length++) {
        const short = bytes.slice(0, length);
        expect(decode(short), `${text}, ${length} bytes`).toEqual({ family, bytes: short });
      }
    }
  });

  it('that hold no family have none', () => {
    for (const bytes of [new Uint8Array(0), Uint8Array.of(1)]) expect(decode(bytes)).toEqual({ family: 0, bytes });
  });

  it('that come back are a copy', () => {
    const bytes = linux ? Uint8Array.of(99, 0, 1) : Uint8Array.of(3, 99, 1);
    const copy = decode(bytes) as { bytes: Uint8Array };
    expect(copy.bytes).not.toBe(bytes);
    copy.bytes.fill(0);
    expect(bytes.at(-1)).toBe(1);
  });

  it('are at most the 128 of a sockaddr', () => {
    expect(encodeAddress(new Uint8Array(128)).length).toBe(128);
    expect(expectOutOfRange(() => encodeAddress(new Uint8Array(129))).message).toMatch(/128 bytes/);
    expectOutOfRange(() => encodeAddress({ family: 1, bytes: new Uint8Array(129) }));
    expectOutOfRange(() => decode(new Uint8Array(129)));
  });

  it('may lie anywhere in a buffer, a shared one too', () => {
    for (const buffer of [new ArrayBuffer(64), new SharedArrayBuffer(64)]) {
      for (const [text, object] of addresses) {
        const bytes = encodeAddress(text);
        if (bytes.length > 40) continue;
        const view = new Uint8Array(buffer, 7, bytes.length);
        view.set(bytes);
        expect(decode(view)).toEqual(object);
      }
    }
  });

  it('of a detached buffer are none', () => {
    const bytes = encodeAddress('127.0.0.1:80').slice();
    structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] });
    expect(decode(bytes)).toEqual({ family: 0, bytes: new Uint8Array(0) });
  });

  it('are the only thing that is decoded', () => {
    for (const value of [
      '127.0.0.1:80',
      null,
      undefined,
      1,
      [2, 0],
      new ArrayBuffer(16),
      new DataView(new ArrayBuffer(16)),
    ])
      expectWrongType(() => decode(value as unknown as Uint8Array));
  });
});

describe('any bytes at all', () => {
  const known = ['AF_INET', 'AF_INET6', 'AF_UNIX', 'AF_VSOCK', 'AF_NETLINK', 'AF_PACKET', 'AF_CAN', 'AF_BLUETOOTH'];
  const numbers = known.map((name) => families[name]).filter((number) => number !== undefined);
  const sockaddr = fc
    .tuple(fc.constantFrom(...numbers, 0, 255), fc.uint8Array({ maxLength: 128 }))
    .map(([family, bytes]) => {
      const addressed = bytes.slice();
      addressed.set((linux ? [family, 0] : [bytes.length, family]).slice(0, bytes.length));
      return addressed;
    });

  it('are decoded, the same as by the addon', () => {
    fc.assert(
      fc.property(fc.oneof(sockaddr, fc.uint8Array({ maxLength: 128 })), (bytes) => {
        const found = native.decodeAddress(bytes);
        expect(found).toBeTypeOf('object');
        if (typeof found === 'object') expect(decode(bytes)).toEqual(toObject(found, families));
      }),
      { numRuns: 1000 },
    );
  });

  it('that are decoded say the same when they were encoded again', () => {
    fc.assert(
      fc.property(sockaddr, (bytes) => {
        const object = decode(bytes);
        if ('bytes' in object) expect(object.bytes).toEqual(bytes);
        // A unix path of 108 bytes without a NUL comes from the kernel alone.
        else if (object.family !== 'unix') expect(decode(encodeAddress(object))).toEqual(object);
      }),
      { numRuns: 1000 },
    );
  });

  it('are taken as an address where one is', () => {
    fc.assert(
      fc.property(sockaddr, (bytes) => {
        expect(encodeAddress(bytes)).toBe(bytes);
      }),
    );
  });
});

describe('what is no address', () => {
  it.each([
    [{ family: 'ipx' }, 'ERR_INVALID_ARG_VALUE', /"address\.family" must be 'inet', 'inet6', .*'can', or a number/],
    [{ family: 2 }, 'ERR_INVALID_ARG_VALUE', /with the bytes of a sockaddr/],
    [{ family: 2, bytes: [2, 0] }, 'ERR_INVALID_ARG_VALUE', /with the bytes of a sockaddr/],
    [{ family: null }, 'ERR_INVALID_ARG_TYPE', /"address\.family"/],
    [{}, 'ERR_INVALID_ARG_TYPE', /"address\.family"/],
  ])('%o: the message names the property', (object, code, message) => {
    const error = expectError(() => encodeAddress(object as unknown as Address), TypeError, code);
    expect(error.message).toMatch(message);
  });

  it.each([null, undefined, 80, true, 1n, Symbol('a')])('%o: neither object nor string', (value) => {
    expectWrongType(() => encodeAddress(value as unknown as Address));
    expectWrongType(() => addressObject(value as unknown as Address));
  });
});
