import { describe, expect, it } from 'vitest';
import { ERROR, PRIORITY, READABLE, WRITABLE } from '../lib/constants.ts';
import {
  bare,
  checkFunction,
  type Descriptor,
  fdOf,
  integer,
  interestOf,
  maybeFd,
  oneOf,
  optionsOf,
  outOfRange,
  timeoutOf,
  viewOf,
  wrongType,
  wrongValue,
} from '../lib/validate.ts';
import { expectOutOfRange, expectUnknownValue, expectWrongType } from './support/expect.ts';

class Widget {}
function named(): void {}

describe('an error about an argument', () => {
  it('is a TypeError or RangeError with the code that Node gives it', () => {
    expect(wrongType('a', 'b', 1)).toBeInstanceOf(TypeError);
    expect(wrongType('a', 'b', 1).code).toBe('ERR_INVALID_ARG_TYPE');
    expect(wrongValue('a', 'b', 1)).toBeInstanceOf(TypeError);
    expect(wrongValue('a', 'b', 1).code).toBe('ERR_INVALID_ARG_VALUE');
    expect(outOfRange('a', 'b', 1)).toBeInstanceOf(RangeError);
    expect(outOfRange('a', 'b', 1).code).toBe('ERR_OUT_OF_RANGE');
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['text', "type string ('text')"],
    [7, 'type number (7)'],
    [7n, 'type bigint (7)'],
    [true, 'type boolean (true)'],
    [Symbol('s'), 'type symbol (Symbol(s))'],
    [named, 'function named'],
    [{}, 'an instance of Object'],
    [[], 'an instance of Array'],
    [new Widget(), 'an instance of Widget'],
    [Object.create(null), 'an instance of Object'],
  ])('says what it received: %o', (value, shown) => {
    expect(wrongType('name', 'a thing', value).message).toBe(`"name" must be a thing. Received ${shown}`);
  });

  it('cuts long values short', () => {
    const { message } = wrongValue('name', 'short', 'x'.repeat(1000));
    expect(message).toContain('xxx...');
    expect(message.length).toBeLessThan(120);
  });
});

describe('integer', () => {
  it('takes both ends of its range', () => {
    expect(integer('n', -3, -3, 5)).toBe(-3);
    expect(integer('n', 5, -3, 5)).toBe(5);
  });

  it('names the range that was left', () => {
    expect(expectOutOfRange(() => integer('n', 6, -3, 5)).message).toBe('"n" must be >= -3 and <= 5. Received 6');
    expectOutOfRange(() => integer('n', -4, -3, 5));
  });

  it.each([0.5, Number.NaN, Infinity, -Infinity])('refuses %d', (value) => {
    expect(expectOutOfRange(() => integer('n', value, -9, 9)).message).toMatch(/^"n" must be an integer/);
  });

  it.each(['1', 1n, null, undefined, true, [1], new Number(1)])('refuses %o, which is no number', (value) => {
    expect(expectWrongType(() => integer('n', value, 0, 9)).message).toMatch(/^"n" must be a number/);
  });
});

describe('fdOf', () => {
  it.each([0, 1, 2 ** 31 - 1])('takes %d, also in an object', (fd) => {
    expect(fdOf(fd)).toBe(fd);
    expect(fdOf({ fd })).toBe(fd);
  });

  it.each([-1, 2 ** 31, 2 ** 53, 0.5, Number.NaN, Infinity])('refuses %d', (fd) => {
    expect(expectOutOfRange(() => fdOf(fd)).message).toMatch(/^"descriptor" must be .* <= 2147483647/);
    expect(expectOutOfRange(() => fdOf({ fd })).message).toMatch(/^"descriptor.fd" must be .* closed object/);
  });

  it('refuses -0 no more than 0', () => {
    expect(fdOf(-0)).toEqual(-0);
  });

  it.each(['1', null, undefined, {}, { fd: '1' }, { fd: null }, 1n])('refuses %o', (value) => {
    for (const read of [fdOf, maybeFd])
      expect(expectWrongType(() => read(value as unknown as Descriptor)).message).toMatch(/"descriptor".*numeric "fd"/);
  });
});

describe('maybeFd', () => {
  it('gives any number, for calls that have an answer to it', () => {
    expect(maybeFd(-1)).toBe(-1);
    expect(maybeFd({ fd: -1 })).toBe(-1);
    expect(maybeFd(Number.NaN)).toBeNaN();
  });
});

describe('interestOf', () => {
  it('takes what can be asked, and nothing, which parks', () => {
    for (const interest of [0, READABLE, WRITABLE, PRIORITY, READABLE | WRITABLE | PRIORITY])
      expect(interestOf(interest)).toBe(interest);
  });

  it.each([
    ERROR,
    READABLE | ERROR,
    8,
    16,
    64,
    -1,
    0.5,
    2 ** 32,
    2 ** 32 + 1,
    Number.NaN,
    Infinity,
  ])('refuses %d', (n) => {
    expect(expectOutOfRange(() => interestOf(n)).message).toMatch(/READABLE, WRITABLE and PRIORITY/);
  });

  it.each(['1', null, undefined, 1n, true])('refuses %o', (value) => {
    expectWrongType(() => interestOf(value));
  });
});

describe('timeoutOf', () => {
  it.each([0, -0, -1, 0.001, 1e300, Infinity, -Infinity])('takes %d', (ms) => {
    expect(timeoutOf(ms)).toBe(ms);
  });

  it('refuses NaN, and what is no number', () => {
    expectOutOfRange(() => timeoutOf(Number.NaN));
    for (const value of ['1', null, undefined, 1n, new Date()]) expectWrongType(() => timeoutOf(value));
  });
});

describe('viewOf', () => {
  it('takes every view', () => {
    for (const view of [Buffer.alloc(1), new Float64Array(1), new DataView(new ArrayBuffer(1))])
      expect(viewOf('buffer', view)).toBe(view);
  });

  it('refuses strings and bare array buffers', () => {
    for (const value of ['text', new ArrayBuffer(1), new SharedArrayBuffer(1), [1], null, undefined])
      expect(expectWrongType(() => viewOf('buffer', value)).message).toMatch(/^"buffer" must be a Buffer/);
  });
});

describe('optionsOf', () => {
  it('takes an object or nothing', () => {
    const options = {};
    expect(optionsOf(options)).toBe(options);
    const nothing = optionsOf(undefined);
    expect(Object.getPrototypeOf(nothing)).toBeNull();
    expect(Object.keys(nothing)).toEqual([]);
    expect(Object.isFrozen(nothing)).toBe(true);
  });

  it.each([null, 'epoll', 1, true])('refuses %o', (value) => {
    expectWrongType(() => optionsOf(value as unknown as object));
  });
});

describe('checkFunction', () => {
  it('takes functions only', () => {
    checkFunction('callback', () => {});
    checkFunction('callback', class {});
    for (const value of [undefined, null, 1, 'f', {}]) expectWrongType(() => checkFunction('callback', value));
  });
});

describe('oneOf', () => {
  const words = new Map([
    ['one', 1],
    ['two', 2],
  ]);

  it('gives the number of a word', () => {
    expect(oneOf('word', words, 'two')).toBe(2);
  });

  it('lists the words when it is none of them', () => {
    expect(expectUnknownValue(() => oneOf('word', words, 'toString')).message).toContain("one of 'one', 'two'");
    for (const value of [1, null, undefined, ['one']]) expectWrongType(() => oneOf('word', words, value));
  });
});

describe('a bare copy', () => {
  it('has what the object has, and inherits nothing', () => {
    const copy = bare(Object.assign(Object.create({ inherited: 1 }), { own: 2 }));
    expect({ ...copy }).toEqual({ own: 2 });
    expect(Object.getPrototypeOf(copy)).toBe(null);
  });
});
