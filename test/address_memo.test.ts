import { describe, expect, it } from 'vitest';
import { decodedAddress, encodedAddress } from '../lib/address_memo.ts';
import { type Address, type AddressObject, encodeAddress } from '../lib/index.ts';
import { expectOutOfRange, expectUnknownValue } from './support/expect.ts';

const decode = (address: Address): AddressObject | undefined => {
  const bytes = encodeAddress(address);
  const words = new Int32Array(64);
  new Uint8Array(words.buffer).set(bytes, 8);
  return decodedAddress(words, 2, bytes.length);
};

describe('encodedAddress', () => {
  it.each<Address>([
    '127.0.0.1:80',
    '[::1]:80',
    'unix:/tmp/x',
    { family: 'inet', host: '10.0.0.1', port: 1 },
    { family: 'inet6', host: '2001:db8::1', port: 1 },
    { family: 'inet6', host: 'fe80::1', port: 1, scopeId: 3 },
    { family: 'inet6', host: 'fe80::1%1', port: 1 },
    { family: 'unix', path: '/tmp/x' },
  ])('gives the bytes of encodeAddress(%o), also when it comes again', (address) => {
    for (let i = 0; i < 3; i++) expect(encodedAddress(address)).toEqual(encodeAddress(address));
  });

  it('remembers strings and hosts, and gives the caller’s own bytes through', () => {
    expect(encodedAddress('127.0.0.1:81')).toBe(encodedAddress('127.0.0.1:81'));
    const host = { family: 'inet', host: '127.0.0.1', port: 81 } as const;
    expect(encodedAddress(host)).toBe(encodedAddress({ ...host }));
    const bytes = encodeAddress('127.0.0.1:81');
    expect(encodedAddress(bytes)).toBe(bytes);
  });

  it('asks for interfaces again each time, in every form that names one', () => {
    for (const address of ['[fe80::1%1]:80', ...(process.platform === 'linux' ? ['can:1', 'packet:1:0x0800'] : [])]) {
      expect(encodedAddress(address)).toEqual(encodeAddress(address));
      expect(encodedAddress(address)).not.toBe(encodedAddress(address));
    }
  });

  it('tells apart what has the same host and port', () => {
    const at = (more: object) => ({ family: 'inet6', host: 'fe80::2', port: 5, ...more }) as AddressObject;
    for (const address of [
      at({}),
      at({ scopeId: 1 }),
      at({}),
      at({ scopeId: 2 }),
      at({ flowInfo: 7 }),
      at({ port: 6 }),
    ])
      expect(encodedAddress(address)).toEqual(encodeAddress(address));
  });

  it('is wrong again where it was wrong before', () => {
    encodedAddress({ family: 'inet', host: '127.0.0.1', port: 82 });
    for (let i = 0; i < 2; i++) {
      expectUnknownValue(() => encodedAddress({ family: 'inet6', host: '127.0.0.1', port: 82 }));
      expectUnknownValue(() => encodedAddress({ family: 'inet', host: 'localhost', port: 82 }));
      expectOutOfRange(() => encodedAddress({ family: 'inet', host: '127.0.0.1', port: Number.NaN }));
      expectOutOfRange(() => encodedAddress({ family: 'inet', host: '127.0.0.1', port: 65536 }));
    }
  });

  it('forgets when there are too many, and goes on', () => {
    for (let port = 0; port < 10_000; port++) encodedAddress({ family: 'inet', host: '127.0.0.2', port });
    for (const port of [0, 1, 9_999]) {
      const address = { family: 'inet', host: '127.0.0.2', port } as const;
      expect(encodedAddress(address)).toEqual(encodeAddress(address));
    }
  });
});

describe('decodedAddress', () => {
  it.each<[Address, AddressObject]>([
    ['127.0.0.1:80', { family: 'inet', host: '127.0.0.1', port: 80 }],
    ['[::1]:80', { family: 'inet6', host: '::1', port: 80 }],
    ['unix:/tmp/x', { family: 'unix', path: '/tmp/x' }],
  ])('makes %s an object, a new one each time', (address, object) => {
    const first = decode(address);
    expect(first).toEqual(object);
    Object.assign(first ?? {}, { port: 1 });
    expect(decode(address)).toEqual(object);
  });

  it('is undefined for no bytes', () => expect(decodedAddress(new Int32Array(4), 0, 0)).toBeUndefined());

  it('tells thousands apart', () => {
    for (let i = 0; i < 5_000; i++) {
      const address = { family: 'inet', host: `10.0.${i >> 8}.${i & 255}`, port: (i * 7) & 0xffff } as const;
      expect(decode(address)).toEqual(address);
      expect(decode(address)).toEqual(address);
    }
  });

  it('gives bytes of families that nobody knows', () => {
    const words = new Int32Array(7).fill(0x7f7f7f7f);
    for (const length of [16, 28, 5]) expect(decodedAddress(words, 0, length)).toHaveProperty('bytes');
  });
});
