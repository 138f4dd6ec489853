import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import {
  type Address,
  type AddressObject,
  addressObject,
  encodeAddress,
  formatAddress,
  parseAddress,
  toObject,
} from '../lib/address.ts';
import { native } from '../lib/binding.ts';
import { systemNumbers } from '../lib/socket_kinds.ts';
import { expectError, expectOutOfRange, expectUnknownValue, expectWrongType } from './support/expect.ts';

const linux = process.platform === 'linux';
const PATH_MAX = linux ? 107 : 103;
const loopback = Object.entries(networkInterfaces()).find(([, list]) => list?.some((entry) => entry.internal))?.[0];

const decode = (bytes: Uint8Array): AddressObject => {
  const found = native.decodeAddress(bytes);
  return typeof found === 'number' ? expect.fail(`the addon answers ${found}`) : toObject(found, systemNumbers().all);
};

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

describe.each(addresses)('%s', (text, object) => {
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

describe('an inet6 address', () => {
  it('keeps scope and flow', () => {
    const object: AddressObject = { family: 'inet6', host: '::1', port: 1, scopeId: 2 ** 32 - 1, flowInfo: 0xfffff };
    expect(decode(encodeAddress(object))).toEqual(object);
  });

  it('is spelled in its short form once it has been encoded', () => {
    expect(decode(encodeAddress('[0:0:0:0:0:0:0:1]:80'))).toMatchObject({ host: '::1' });
    expect(decode(encodeAddress('[FE80::A]:80'))).toMatchObject({ host: 'fe80::a' });
  });

  it.skipIf(loopback === undefined)('names its scope by an interface', () => {
    const index = native.interfaceIndex(loopback ?? '');
    expect(index).toBeGreaterThan(0);
    expect(parseAddress(`[fe80::1%${loopback}]:80`)).toEqual({
      family: 'inet6',
      host: 'fe80::1',
      port: 80,
      scopeId: index,
    });
    const inAnObject = encodeAddress({ family: 'inet6', host: `fe80::1%${loopback}`, port: 80 });
    expect(decode(inAnObject)).toMatchObject({ host: 'fe80::1', scopeId: index });
  });

  it.each(['', '0', 'nosuchif0', '%', '1x', '-1'])('has no scope %j', (zone) => {
    expect(expectUnknownValue(() => parseAddress(`[fe80::1%${zone}]:80`)).message).toMatch(/interface/);
    expectUnknownValue(() => encodeAddress({ family: 'inet6', host: `fe80::1%${zone}`, port: 80 }));
  });

  it('has no scope that 32 bits do not hold', () => {
    expect(expectOutOfRange(() => encodeAddress(`[fe80::1%${2 ** 32}]:80`)).message).toMatch(/scopeId/);
    expectOutOfRange(() => encodeAddress({ family: 'inet6', host: '::1', port: 1, flowInfo: 2 ** 32 }));
  });
});

describe('a unix path', () => {
  it('may be as long as the system takes, in bytes, and no longer', () => {
    const longest = 'p'.repeat(PATH_MAX);
    expect(decode(encodeAddress(`unix:${longest}`))).toEqual({ family: 'unix', path: longest });
    for (const [path, bytes] of [
      ['p'.repeat(PATH_MAX + 1), PATH_MAX + 1],
      ['é'.repeat(PATH_MAX / 2 + 1), 2 * Math.floor(PATH_MAX / 2 + 1)],
    ] as const) {
      const { message } = expectOutOfRange(() => encodeAddress({ family: 'unix', path }));
      expect(message).toContain(`at most ${PATH_MAX} bytes`);
      expect(message).toContain(`Received ${bytes} bytes`);
    }
  });

  it.skipIf(!linux)('that is abstract may contain NUL and fill the whole field', () => {
    for (const path of ['\0a\0b', '\0', `\0${'n'.repeat(PATH_MAX)}`])
      expect(decode(encodeAddress({ family: 'unix', path }))).toEqual({ family: 'unix', path });
    expectOutOfRange(() => encodeAddress({ family: 'unix', path: `\0${'n'.repeat(PATH_MAX + 1)}` }));
  });

  it('has no NUL inside', () => {
    expect(expectUnknownValue(() => encodeAddress({ family: 'unix', path: '/tmp/a\0b' })).message).toMatch(/NUL/);
  });

  it('that is no UTF-8 comes back as the bytes of its sockaddr', () => {
    const bytes = Uint8Array.from(encodeAddress('unix:/tmp/x'));
    bytes[bytes.lastIndexOf('x'.charCodeAt(0))] = 0xff;
    expect(decode(bytes)).toEqual({ family: systemNumbers().all.AF_UNIX, bytes });
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

  it('that are too few for their family are an address of none', () => {
    const short = encodeAddress('127.0.0.1:80').slice(0, 4);
    expect(decode(short)).toEqual({ family: systemNumbers().all.AF_UNSPEC, bytes: short });
    expect(decode(new Uint8Array(0))).toMatchObject({ bytes: new Uint8Array(0) });
  });

  it('are at most the 128 of a sockaddr', () => {
    expect(encodeAddress(new Uint8Array(128)).length).toBe(128);
    expect(expectOutOfRange(() => encodeAddress(new Uint8Array(129))).message).toMatch(/128 bytes/);
    expectOutOfRange(() => encodeAddress({ family: 1, bytes: new Uint8Array(129) }));
  });
});

describe('what is no address', () => {
  it.each([
    'localhost:80',
    '127.0.0.1',
    '127.1:80',
    '[::1]',
    '::1:80',
    '[127.0.0.1]:80',
    'vsock:2:1024',
  ])('%s: the message shows the forms, or what is wrong', (text) => {
    const { message } = expectUnknownValue(() => encodeAddress(text));
    expect(message).toMatch(/^"address/);
    expect(message).toMatch(/127\.0\.0\.1:80.*\[::1\]:80.*unix:\/path|an IPv6 address/);
  });

  it.each([
    '127.0.0.1:65536',
    '127.0.0.1:',
    '[::1]:-1',
    '[::1]:1.5',
    '127.0.0.1:0x50',
    '127.0.0.1:000080',
  ])('%s: the port is from 0 to 65535', (text) => {
    expect(expectUnknownValue(() => parseAddress(text)).message).toMatch(/port from 0 to 65535/);
  });

  it.each([
    [{ family: 'inet', host: '::1', port: 80 }, 'ERR_INVALID_ARG_VALUE', /"address\.host" must be an IPv4 address/],
    [{ family: 'inet6', host: '1.2.3.4', port: 80 }, 'ERR_INVALID_ARG_VALUE', /"address\.host" must be an IPv6/],
    [{ family: 'inet', host: '1.2.3.4', port: '80' }, 'ERR_INVALID_ARG_TYPE', /"address\.port" must be a number/],
    [{ family: 'inet', port: 80 }, 'ERR_INVALID_ARG_TYPE', /"address\.host" must be a string/],
    [{ family: 'unix' }, 'ERR_INVALID_ARG_TYPE', /"address\.path" must be a string/],
    [{ family: 'ipx' }, 'ERR_INVALID_ARG_VALUE', /"address\.family" must be 'inet', 'inet6', 'unix', or a number/],
    [{ family: 2 }, 'ERR_INVALID_ARG_VALUE', /with the bytes of a sockaddr/],
  ])('%o: the message names the property', (object, code, message) => {
    const error = expectError(() => encodeAddress(object as unknown as Address), TypeError, code);
    expect(error.message).toMatch(message);
  });

  it.each([null, undefined, 80, true, 1n, Symbol('a')])('%o: neither object nor string', (value) => {
    expectWrongType(() => encodeAddress(value as unknown as Address));
    expectWrongType(() => addressObject(value as unknown as Address));
    expectWrongType(() => parseAddress(value as unknown as string));
  });
});
