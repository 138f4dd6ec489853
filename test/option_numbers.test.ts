import { describe, expect, it } from 'vitest';
import {
  byte,
  byteFlag,
  descriptor,
  flag,
  int,
  type OptionType,
  raw,
  signedOf,
  text,
  timeval,
  uint32,
  uint64,
  unsignedOf,
  words,
} from '../lib/option_numbers.ts';
import { expectOutOfRange, expectUnknownValue, expectWrongType } from './support/expect.ts';

const bytesOf = (type: OptionType, value: unknown): Buffer => Buffer.from(type.encode(value) as Buffer);
const notNumbers = ['1', true, null, undefined, {}, [], Symbol('n'), () => 1];

describe('an integer of the kernel', () => {
  it('is read by as many bytes as came back', () => {
    expect(signedOf(Buffer.alloc(0))).toBe(0);
    expect(signedOf(Buffer.of(200))).toBe(200);
    expect(signedOf(Buffer.from(new Int16Array([-2]).buffer))).toBe(-2);
    expect(signedOf(Buffer.from(new Int32Array([-3, 9]).buffer, 0, 4))).toBe(-3);
    expect(signedOf(Buffer.from(new BigInt64Array([-4n]).buffer))).toBe(-4);
    expect(unsignedOf(Buffer.from(new Int32Array([-1]).buffer))).toBe(0xffffffff);
    expect(unsignedOf(Buffer.from(new Int16Array([-1]).buffer))).toBe(0xffff);
    expect(unsignedOf(Buffer.of(255))).toBe(255);
  });

  it('is taken as a number in its range', () => {
    expect(int().encode(-(2 ** 31))).toBe(-(2 ** 31));
    expect(int().encode(2 ** 31 - 1)).toBe(2 ** 31 - 1);
    expect(bytesOf(uint32(), 2 ** 32 - 1)).toEqual(Buffer.alloc(4, 255));
    expect(bytesOf(byte, 255)).toEqual(Buffer.of(255));
    for (const value of [2 ** 31, -(2 ** 31) - 1, 0.5, Number.NaN, Infinity])
      expectOutOfRange(() => int().encode(value));
    for (const value of [-1, 2 ** 32, 0.5]) expectOutOfRange(() => uint32().encode(value));
    for (const value of [-1, 256]) expectOutOfRange(() => byte.encode(value));
    for (const type of [int(), uint32(), byte])
      for (const value of notNumbers) expectWrongType(() => type.encode(value));
    expect(expectWrongType(() => int('seconds').encode('9')).message).toMatch(/must be a number \(seconds\)/);
  });

  it('of 64 bits is a bigint that takes numbers as well', () => {
    expect(uint64().decode(bytesOf(uint64(), 2n ** 64n - 1n))).toBe(2n ** 64n - 1n);
    expect(uint64().decode(bytesOf(uint64(), 7))).toBe(7n);
    expect(uint64().decode(Buffer.from(new Uint32Array([9]).buffer))).toBe(9n);
    expect(bytesOf(uint64('x', 4), 2n ** 32n - 1n)).toEqual(Buffer.alloc(4, 255));
    for (const value of [-1, -1n, 2n ** 64n, 0.5, 2 ** 53, Number.NaN]) expectOutOfRange(() => uint64().encode(value));
    expectOutOfRange(() => uint64('x', 4).encode(2n ** 32n));
    for (const value of notNumbers) expectWrongType(() => uint64().encode(value));
  });
});

describe('a boolean', () => {
  it.each([flag, byteFlag])('is true for whatever is not 0, and nothing but a boolean is taken', (type) => {
    expect([Buffer.of(1), Buffer.from(new Int32Array([64]).buffer), Buffer.alloc(4)].map(type.decode)).toEqual([
      true,
      true,
      false,
    ]);
    for (const value of [0, 1, 'true', null, undefined, {}]) expectWrongType(() => type.encode(value));
  });

  it('goes as an int or as a byte', () => {
    expect([flag.encode(true), flag.encode(false)]).toEqual([1, 0]);
    expect([byteFlag.encode(true), byteFlag.encode(false)]).toEqual([Buffer.of(1), Buffer.of(0)]);
  });
});

describe('a word', () => {
  const type = words({ dont: 0, do: 2 });

  it('stands for a number and comes back as the word', () => {
    expect([type.encode('do'), type.encode(2), type.encode(9)]).toEqual([2, 2, 9]);
    expect(type.decode(Buffer.from(new Int32Array([2]).buffer))).toBe('do');
    expect(type.decode(Buffer.from(new Int32Array([9]).buffer))).toBe(9);
  });

  it('that is unknown is refused with those that there are', () => {
    expect(expectUnknownValue(() => type.encode('perhaps')).message).toMatch(/'dont', 'do' or a number/);
    for (const name of ['toString', '__proto__']) expectUnknownValue(() => type.encode(name));
    for (const value of [true, null, undefined, {}]) expectWrongType(() => type.encode(value));
  });
});

describe('text', () => {
  it('ends at the NUL, if there is one', () => {
    expect(text(16).decode(Buffer.from('cubic\0\0\0garbage'))).toBe('cubic');
    expect(text(16).decode(Buffer.from('cubic'))).toBe('cubic');
    expect(text(16).decode(Buffer.alloc(0))).toBe('');
    expect(text(16).encode('lo')).toEqual(Buffer.from('lo\0'));
    expectUnknownValue(() => text(16).encode('l\0o'));
    for (const value of [1, null, undefined, Buffer.from('lo')]) expectWrongType(() => text(16).encode(value));
  });
});

describe('bytes', () => {
  it('go through as they are, of any view', () => {
    const view = new DataView(new ArrayBuffer(3));
    expect(raw('x').encode(view)).toBe(view);
    for (const value of ['x', 1, null, new ArrayBuffer(3), [1]]) expectWrongType(() => raw('x').encode(value));
  });
});

describe('another descriptor', () => {
  it('is a number or an object that has one', () => {
    expect([descriptor.encode(3), descriptor.encode({ fd: 4 })]).toEqual([3, 4]);
    expectOutOfRange(() => descriptor.encode(-1));
    expectWrongType(() => descriptor.encode('3'));
  });
});

describe('a time', () => {
  it('is in milliseconds with fractions, rounded up to microseconds', () => {
    for (const ms of [0, 0.001, 1.5, 1000, 123456.789]) expect(timeval.decode(bytesOf(timeval, ms))).toBeCloseTo(ms, 6);
    expect(timeval.decode(bytesOf(timeval, 0.0001))).toBe(0.001);
    expect(timeval.decode(Buffer.from(new Int32Array([2, 500_000]).buffer))).toBe(2500);
    expect(timeval.decode(Buffer.alloc(0))).toBe(0);
  });

  it('is no more than the kernel takes, and never for ever', () => {
    for (const value of [-1, Infinity, Number.NaN, 2 ** 31 * 1000]) expectOutOfRange(() => timeval.encode(value));
    for (const value of notNumbers) expectWrongType(() => timeval.encode(value));
  });
});
