import { afterEach, describe, expect, it } from 'vitest';
import {
  canFilters,
  credentials,
  groupList,
  lengthAlone,
  linger,
  list,
  own,
  packetMembership,
  portRange,
  struct,
} from '../lib/option_structs.ts';
import { expectOutOfRange, expectUnknownValue, expectWrongType } from './support/expect.ts';

const words = (...numbers: number[]): Buffer => Buffer.from(new Uint32Array(numbers).buffer);

describe('a struct', () => {
  it('has its fields where C puts them', () => {
    const type = struct({ a: 'uint8', b: 'uint32', c: 'uint16', d: 'uint64', e: 'int32', f: 'flag' });
    expect(type.size).toBe(32);
    expect(type.takes).toBe('{ a, b, c, d, e, f }');
    const value = { a: 1, b: 0xffffffff, c: 65535, d: 7, e: -5, f: true };
    expect(type.decode(Buffer.from(type.encode(value) as Buffer))).toEqual({ ...value, d: 7n });
  });

  it('leaves out what the kernel did not return', () => {
    expect(credentials.decode(words(5, 6, 7))).toEqual({ pid: 5, uid: 6, gid: 7 });
    expect(credentials.decode(words(5, 6).subarray(0, 7))).toEqual({ pid: 5 });
    expect(credentials.decode(Buffer.alloc(0))).toEqual({});
  });

  it('names the field that is wrong', () => {
    expect(linger.encode({ on: true, seconds: 3 })).toEqual(words(1, 3));
    expect(expectWrongType(() => linger.encode({ on: 1, seconds: 3 })).message).toMatch(/^"value\.on"/);
    expect(expectWrongType(() => linger.encode({ on: true })).message).toMatch(/^"value\.seconds"/);
    expect(expectOutOfRange(() => linger.encode({ on: true, seconds: 2 ** 31 })).message).toMatch(/^"value\.seconds"/);
    for (const value of [null, undefined, 1, 'on', true, Buffer.alloc(8)])
      expect(expectWrongType(() => linger.encode(value)).message).toMatch(/^"value" must be \{ on, seconds \}/);
  });
});

describe('what hangs on Object.prototype', () => {
  const prototype = Object.prototype as { seconds?: number; interface?: string };
  afterEach(() => {
    delete prototype.seconds;
    delete prototype.interface;
  });

  it('is no property of a value', () => {
    prototype.seconds = 9;
    expect(own({}, 'seconds')).toBeUndefined();
    expectWrongType(() => linger.encode({ on: true }));
    expect(own({ seconds: 3 }, 'seconds')).toBe(3);
  });
});

describe('lists', () => {
  it('are of numbers of 32 bits', () => {
    expect(list.decode(words(4, 0xffffffff))).toEqual([4, 0xffffffff]);
    expect(list.decode(words(4, 5).subarray(0, 7))).toEqual([4]);
    expectWrongType(() => list.encode([1]));
  });

  it('of groups are the bits that are set, from 1', () => {
    expect(groupList.decode(words(0b101, 1))).toEqual([1, 3, 33]);
    expect(groupList.decode(Buffer.alloc(0))).toEqual([]);
    expect(groupList.decode(words(0x80000000))).toEqual([32]);
  });

  it('of CAN filters are identifiers and masks', () => {
    const filters = [
      { id: 0x123, mask: 0x7ff },
      { id: 0x80000001, mask: 0xffffffff },
    ];
    expect(canFilters.encode(filters)).toEqual(words(0x123, 0x7ff, 0x80000001, 0xffffffff));
    expect(canFilters.decode(canFilters.encode(filters) as Buffer)).toEqual(filters);
    expect(canFilters.encode([])).toEqual(Buffer.alloc(0));
    expectWrongType(() => canFilters.encode({ id: 1, mask: 1 }));
    expectWrongType(() => canFilters.encode([1]));
    expectWrongType(() => canFilters.encode([{ id: 1 }]));
    expectUnknownValue(() => canFilters.encode(Array(513).fill({ id: 1, mask: 1 })));
  });
});

describe('a range of ports', () => {
  it('is two numbers in one word', () => {
    expect(portRange.encode({ low: 1, high: 65535 })).toEqual(words(0xffff0001));
    expect(portRange.decode(words(0xffff0001))).toEqual({ low: 1, high: 65535 });
    expectOutOfRange(() => portRange.encode({ low: 1, high: 65536 }));
    expectWrongType(() => portRange.encode({ low: 1 }));
    expectWrongType(() => portRange.encode([1, 2]));
  });
});

describe('a membership of a packet socket', () => {
  const type = packetMembership((_, value) => (value === 'eth0' ? 2 : (value as number)));

  it('is an interface, a word and, for some, a hardware address', () => {
    const address = Buffer.from([1, 2, 3, 4, 5, 6]);
    const bytes = type.encode({ interface: 'eth0', type: 'unicast', address }) as Buffer;
    expect(bytes).toEqual(
      Buffer.concat([words(2), Buffer.from(new Uint16Array([3, 6]).buffer), address, Buffer.alloc(2)]),
    );
    expect((type.encode({ interface: 1, type: 1 }) as Buffer).length).toBe(16);
  });

  it('refuses what is none', () => {
    expectUnknownValue(() => type.encode({ interface: 1, type: 'loud' }));
    expectUnknownValue(() => type.encode({ interface: 1, type: 'unicast', address: Buffer.alloc(9) }));
    expectWrongType(() => type.encode({ interface: 1, type: 'unicast', address: 'ff' }));
    expectWrongType(() => type.encode({ interface: 1 }));
    expectOutOfRange(() => type.encode({ interface: 1, type: 65536 }));
  });
});

describe('a length alone', () => {
  it('is so many bytes, of which none matters', () => {
    expect(lengthAlone.encode(16)).toEqual(Buffer.alloc(16));
    expect(lengthAlone.decode(Buffer.alloc(4))).toBe(4);
    expectOutOfRange(() => lengthAlone.encode(65));
    expectWrongType(() => lengthAlone.encode('16'));
  });
});
