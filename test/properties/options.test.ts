import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { OPTION_GROUPS, type OptionRow } from '../../lib/option_table.ts';
import { anyValue, expectOurs } from '../support/any_value.ts';
import { holds } from '../support/properties.ts';

const rows: readonly OptionRow[] = OPTION_GROUPS.flatMap((group) => group.rows);
const row = fc.constantFrom(...rows).filter(([, type]) => type !== undefined);

const bytesOf = (encoded: number | ArrayBufferView): Buffer => {
  if (typeof encoded === 'number') {
    const bytes = Buffer.alloc(4);
    new Int32Array(bytes.buffer, bytes.byteOffset, 1)[0] = encoded;
    return bytes;
  }
  return Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
};

describe('the value of an option', () => {
  holds(
    'is read from whatever the kernel may return, of any length, and what is written again is read the same',
    fc.property(row, fc.uint8Array({ maxLength: 300 }), ([name, type], bytes) => {
      const value = type.decode(Buffer.from(bytes.subarray(0, type.size)));
      let read: unknown;
      try {
        read = type.decode(bytesOf(type.encode(value)));
      } catch (error) {
        expectOurs(error, name);
        return;
      }
      // What an older kernel has left out is at its default then.
      if (bytes.length >= type.size) expect(read, name).toEqual(value);
      expect(type.decode(bytesOf(type.encode(read))), name).toEqual(read);
    }),
    5000,
  );

  holds(
    'is refused by an error that has a code, or becomes a number or bytes, whatever it is',
    fc.property(row, anyValue, ([name, type], value) => {
      try {
        const encoded = type.encode(value);
        if (typeof encoded === 'number') expect(Number.isInteger(encoded), name).toBe(true);
        else expect(ArrayBuffer.isView(encoded), name).toBe(true);
      } catch (error) {
        expectOurs(error, name);
      }
    }),
    5000,
  );
});
