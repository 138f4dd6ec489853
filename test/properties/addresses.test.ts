import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { type AddressObject, decodeAddress, encodeAddress, formatAddress, parseAddress } from '../../lib/index.ts';
import { anyValue, expectOurs } from '../support/any_value.ts';
import { holds } from '../support/properties.ts';

const linux = process.platform === 'linux';
const uint16 = fc.nat({ max: 0xffff });
const uint32 = fc.nat({ max: 2 ** 32 - 1 });
const index = fc.nat({ max: 2 ** 31 - 1 });

// '@' stands for NUL in a text, so a path that begins with it cannot be told in one.
const path = fc
  .string({ unit: 'grapheme', maxLength: 40 })
  .filter((text) => !text.startsWith('@') && !text.includes('\0') && Buffer.byteLength(text) <= 100);

/** Everything that an address can say in words. */
const address: fc.Arbitrary<AddressObject> = fc.oneof(
  fc.record({ family: fc.constant('inet' as const), host: fc.ipV4(), port: uint16 }),
  fc.record({ family: fc.constant('inet6' as const), host: fc.ipV6(), port: uint16 }),
  fc.record({ family: fc.constant('inet6' as const), host: fc.ipV6(), port: uint16, scopeId: index }),
  fc.record({ family: fc.constant('unix' as const), path }),
  ...(linux
    ? [
        fc.record({ family: fc.constant('unix' as const), path: path.map((name) => `\0${name}`) }),
        fc.record({ family: fc.constant('vsock' as const), cid: uint32, port: uint32 }),
        fc.record({ family: fc.constant('netlink' as const), pid: uint32, groups: uint32 }),
        fc.record({ family: fc.constant('packet' as const), interface: index, protocol: uint16 }),
        fc.record({
          family: fc.constant('packet' as const),
          interface: index,
          protocol: uint16,
          address: fc.uint8Array({ minLength: 1, maxLength: 32 }),
        }),
        fc.record({ family: fc.constant('can' as const), interface: index }),
      ]
    : []),
);

describe('an address', () => {
  holds(
    'goes through its text and back, and its text through it',
    fc.property(address, (given) => {
      // In the kernel's spelling: 0:0::1 is ::1, a scope of 0 is none.
      const object = decodeAddress(encodeAddress(given));
      const text = formatAddress(object);
      expect(parseAddress(text)).toEqual(object);
      expect(formatAddress(parseAddress(text))).toBe(text);
      expect(encodeAddress(text)).toEqual(encodeAddress(object));
    }),
    2000,
  );

  holds(
    'is read from any bytes, or they are refused',
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        const object = decodeAddress(bytes);
        expect(formatAddress(object)).toMatch(/:/);
        if ('bytes' in object) expect(encodeAddress(object)).toEqual(bytes);
      } catch (error) {
        expectOurs(error, 'decodeAddress');
        expect(bytes.length).toSatisfy((length: number) => length > 128 || length < 2);
      }
    }),
    2000,
  );

  const words = fc.constantFrom(
    'unix',
    'vsock',
    'packet',
    'can',
    ':',
    '[',
    ']',
    '%',
    '.',
    '0',
    '1',
    '255',
    '65536',
    'fe80::',
    '@',
    '\0',
    '0x',
  );
  holds(
    'is read from any text, or that is refused by a TypeError that names it',
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(words).map((some) => some.join('')),
      ),
      (text) => {
        let object: AddressObject;
        try {
          object = parseAddress(text);
        } catch (error) {
          expectOurs(error, text);
          expect(error).toBeInstanceOf(TypeError);
          return;
        }
        expect(parseAddress(formatAddress(object))).toEqual(object);
      },
    ),
    2000,
  );

  holds(
    'is made of no value that is none',
    fc.property(anyValue, (value) => {
      for (const call of [parseAddress, encodeAddress, decodeAddress] as ((value: unknown) => unknown)[])
        try {
          call(value);
        } catch (error) {
          expectOurs(error, call.name);
        }
    }),
    1000,
  );
});
