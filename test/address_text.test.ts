import { networkInterfaces } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AddressObject } from '../lib/address.ts';
import { formatAddress, parseAddress, withZone } from '../lib/address_text.ts';
import { native } from '../lib/binding.ts';
import { expectUnknownValue, expectWrongType } from './support/expect.ts';

// The same cases in every run.
fc.configureGlobal({ seed: 1 });

// Loopback interfaces have a name that depends on the system.
const loopback =
  Object.entries(networkInterfaces()).find(([, list]) => list?.some((entry) => entry.internal))?.[0] ?? '';
const index = native.interfaceIndex(loopback);

describe('an interface in an address', () => {
  it('is named, and becomes its index', () => {
    expect(index).toBeGreaterThan(0);
    expect(parseAddress(`[fe80::1%${loopback}]:80`)).toEqual({
      family: 'inet6',
      host: 'fe80::1',
      port: 80,
      scopeId: index,
    });
    expect(parseAddress(`can:${loopback}`)).toEqual({ family: 'can', interface: index });
    expect(parseAddress(`packet:${loopback}:0x0800`)).toEqual({ family: 'packet', interface: index, protocol: 0x0800 });
  });

  it('is a number otherwise, which nobody looks up', () => {
    expect(parseAddress('can:4711')).toEqual({ family: 'can', interface: 4711 });
    expect(parseAddress('[fe80::1%4711]:80')).toMatchObject({ scopeId: 4711 });
  });

  it.each(['', 'nosuchif0', '%', '1x', '-1', 'x'.repeat(300), 'l\0o'])('is not %j', (name) => {
    for (const text of [`[fe80::1%${name}]:80`, `can:${name}`, `packet:${name}:0x0800`])
      expect(expectUnknownValue(() => parseAddress(text)).message).toMatch(/interface/);
  });

  it('is not 0 for a zone, which would be none', () => {
    expectUnknownValue(() => parseAddress('[fe80::1%0]:80'));
  });
});

describe('withZone', () => {
  it('keeps what is beside the host, and an address without a zone as it is', () => {
    const plain = { host: '::1', port: 1 };
    expect(withZone(plain.host, plain)).toBe(plain);
    expect(withZone('::1%3', { port: 1, flowInfo: 2 })).toEqual({ host: '::1', port: 1, flowInfo: 2, scopeId: 3 });
  });
});

describe('a packet address', () => {
  it('has its protocol in either notation, and its hardware address in either case', () => {
    const object = { family: 'packet', interface: 2, protocol: 2048, address: Uint8Array.of(0xab, 0x01) };
    for (const text of [
      'packet:2:0x0800:ab:01',
      'packet:2:0x800:AB:01',
      'packet:2:2048:ab:01',
      'packet:2:0X0800:Ab:01',
    ])
      expect(parseAddress(text)).toEqual(object);
  });

  it.each([
    'packet:',
    'packet:2',
    'packet:2:',
    'packet:2:65536',
    'packet:2:0x10000',
    'packet:2:0x0800:',
    'packet:2:0x0800:abc',
    'packet:2:0x0800:g0',
    'packet:2:0x0800:a',
    `packet:2:0x0800${':00'.repeat(33)}`,
  ])('is not %s', (text) => {
    expect(expectUnknownValue(() => parseAddress(text)).message).toMatch(/packet:eth0:0x0800/);
  });
});

describe('two unsigned numbers', () => {
  it.each([
    'vsock:2',
    'vsock:2:',
    'vsock::1',
    'vsock:2:1024:1',
    'vsock:-1:1024',
    'vsock:2:4294967296',
    'vsock:0x2:1',
    'vsock:host:1',
    'netlink:0',
    'netlink:4294967296:0',
    'netlink:0:0.5',
  ])('are not %s', (text) => {
    expect(expectUnknownValue(() => parseAddress(text)).message).toMatch(/numbers from 0 to 4294967295/);
  });
});

describe('what is no address', () => {
  it.each([
    'localhost:80',
    '127.0.0.1',
    '127.1:80',
    '[::1]',
    '::1:80',
    '[::1:80',
    '',
    '99:01ab',
    'VSOCK:2:1024',
  ])('%j: the message shows the forms', (text) => {
    const { message } = expectUnknownValue(() => parseAddress(text));
    expect(message).toMatch(/127\.0\.0\.1:80.*\[::1\]:80.*unix:\/path.*vsock:2:1024/);
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

  it.each([null, undefined, 80, true, 1n, Symbol('a'), {}])('%o: no string', (value) => {
    expectWrongType(() => parseAddress(value as unknown as string));
  });

  it('is refused, whatever the text, by a TypeError', () => {
    const words = fc.constantFrom(
      'unix',
      'vsock',
      'netlink',
      'packet',
      'can',
      ':',
      '0',
      '1',
      '%',
      '[',
      ']',
      '0x',
      '.',
      'a',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((list) => list.join('')),
        ),
        (text) => {
          try {
            expect(parseAddress(text)).toHaveProperty('family');
          } catch (error) {
            expect(error).toBeInstanceOf(TypeError);
          }
        },
      ),
    );
  });
});

describe('formatAddress', () => {
  const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const port = fc.integer({ min: 0, max: 65535 });
  const interfaces = fc.integer({ min: 0, max: 2 ** 31 - 1 });
  const address = fc.uint8Array({ minLength: 1, maxLength: 32 });
  const objects: fc.Arbitrary<AddressObject> = fc.oneof(
    fc.record({ family: fc.constant('inet' as const), host: fc.ipV4(), port }),
    fc.record({ family: fc.constant('inet6' as const), host: fc.ipV6(), port }),
    fc.record({ family: fc.constant('unix' as const), path: fc.string().filter((path) => !path.startsWith('@')) }),
    fc.record({ family: fc.constant('vsock' as const), cid: uint32, port: uint32 }),
    fc.record({ family: fc.constant('netlink' as const), pid: uint32, groups: uint32 }),
    fc.record({ family: fc.constant('can' as const), interface: interfaces }),
    fc.record({ family: fc.constant('packet' as const), interface: interfaces, protocol: port }),
    fc.record({ family: fc.constant('packet' as const), interface: interfaces, protocol: port, address }),
  );

  it('gives what parseAddress takes', () => {
    fc.assert(
      fc.property(objects, (object) => {
        expect(parseAddress(formatAddress(object))).toEqual(object);
      }),
    );
  });

  it('shows the bytes of a family without a name', () => {
    expect(formatAddress({ family: 99, bytes: new Uint8Array([0, 1, 171]).subarray(1) })).toBe('99:01ab');
    expect(formatAddress({ family: 31, bytes: new Uint8Array(0) })).toBe('31:');
  });
});

describe('what is no address object', () => {
  it.each([
    [undefined, /"address"/],
    [null, /"address"/],
    ['127.0.0.1:80', /"address"/],
    [{}, /"address\.family"/],
    [{ family: 'unix' }, /"address\.path"/],
    [{ family: 'inet', host: Symbol('h'), port: 1 }, /"address\.host"/],
    [{ family: 'inet', host: '127.0.0.1', port: '1' }, /"address\.port"/],
    [{ family: 'inet6', host: '::1', port: 1, scopeId: 'lo' }, /"address\.scopeId"/],
    [{ family: 'packet', interface: 1, protocol: 1, address: [1] }, /Uint8Array/],
    [{ family: 2, bytes: [2, 0] }, /Uint8Array/],
  ])('%o has no text: the message names what is wrong', (value, message) => {
    expect(expectWrongType(() => formatAddress(value as unknown as AddressObject)).message).toMatch(message);
  });

  it('of an unknown family has no text', () => {
    expectUnknownValue(() => formatAddress({ family: 'ipx' } as unknown as AddressObject));
  });
});
