import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { native } from '../lib/binding.ts';
import { BAD_ARGUMENT, CLOSED_HANDLE, TABLE_FULL, WOULD_BLOCK } from '../lib/native.ts';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

const found = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, name = '']) => name).sort();

const bindings = readdirSync(new URL('../native/binding', import.meta.url)).filter((file) => file.endsWith('.cc'));
const sources = bindings.map((file) => read(`native/binding/${file}`)).join('\n');
const declared = found(/interface Native \{([\s\S]*?)\n\}/.exec(read('lib/native.ts'))?.[1] ?? '', /^ {2}(\w+)\(/gm);

type Functions = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
const functions = native as unknown as Functions;

describe('the interface', () => {
  it('declares every function of the addon, and no other', () => {
    expect(declared.length).toBeGreaterThan(30);
    expect(declared).toEqual(Object.keys(native).sort());
  });

  it('declares what the binding defines, each by the name of its C++ function', () => {
    expect(declared).toEqual(found(sources, /\{"(\w+)", JS_\1\},/g));
    expect(declared).toEqual(found(sources, /^napi_value JS_(\w+)\(/gm));
  });

  it('has the numbers of native/binding/convert.h for answers that are no result', () => {
    const header = read('native/binding/convert.h');
    const constant = (name: string): number => Number(new RegExp(`\\b${name} = (-\\d+);`).exec(header)?.[1]);
    expect(WOULD_BLOCK).toBe(constant('kWouldBlockAnswer'));
    expect(BAD_ARGUMENT).toBe(constant('kBadArgument'));
    expect(CLOSED_HANDLE).toBe(constant('kClosedHandle'));
    expect(TABLE_FULL).toBe(constant('kTableFull'));
  });
});

describe('the addon, called past the checks of lib/', () => {
  // These take nothing, or answer anything.
  const harmless = [
    'backends',
    'buildInfo',
    'constants',
    'pipe',
    'callName',
    'describeErrno',
    'describeInvariant',
    'monotonicTime',
  ];
  const garbage = [
    undefined,
    null,
    'text',
    {},
    [],
    true,
    Symbol('s'),
    1n,
    () => 1,
    -1,
    new Uint8Array(3),
    new DataView(new ArrayBuffer(1)),
  ];

  it.each(declared.filter((name) => !harmless.includes(name)))('%s answers wrong arguments by a number', (name) => {
    const call = functions[name] ?? expect.fail('no such function');
    expect(call()).toBeTypeOf('number');
    for (const value of garbage) {
      const answer = call(value, value, value, value, value, value);
      // Any text names a memfd.
      if (name === 'memfd' && typeof answer === 'number' && answer >= 0) native.close(answer);
      // An empty path, an empty sockaddr and a family without a name are addresses.
      if (!(name === 'encodeUnix' || name === 'decodeAddress')) expect(answer).toBeTypeOf('number');
    }
  });

  it('finds nothing by a handle that is forged', () => {
    for (const handle of [0, 1, 2 ** 20, 2 ** 31 - 1, -(2 ** 31)]) {
      expect(native.pollerSize(handle)).toBe(CLOSED_HANDLE);
      expect(native.pollerWait(handle, 0, new ArrayBuffer(16))).toBe(CLOSED_HANDLE);
      expect(native.socketFd(handle)).toBe(CLOSED_HANDLE);
      expect(native.closeSocket(handle)).toBe(CLOSED_HANDLE);
      expect(native.wake(handle)).toBe(0);
    }
  });

  it('makes no number of what is none', () => {
    const [socket, other] = native.openSocketPair(1) as [number, number];
    const { SOL_SOCKET = 0, SO_SNDTIMEO = 0 } = native.constants();
    const evil = { valueOf: () => expect.fail('never called') };
    for (const value of [undefined, null, '7', true, {}, [7], evil]) {
      const wrong = value as unknown as number;
      expect(native.setOption(socket, SOL_SOCKET, SO_SNDTIMEO, wrong)).toBe(BAD_ARGUMENT);
      expect(native.setOption(socket, SOL_SOCKET, wrong, 0)).toBe(BAD_ARGUMENT);
      expect(native.recv(socket, new Uint8Array(1), wrong)).toBe(BAD_ARGUMENT);
      expect(native.waitFor(0, wrong, 0)).toBe(BAD_ARGUMENT);
      expect(native.socketFd(wrong)).toBe(CLOSED_HANDLE);
      expect(native.wake(wrong)).toBe(0);
    }
    // A struct timeval is bytes, not the number 0.
    const time = new BigInt64Array([5n, 0n]);
    expect(native.setOption(socket, SOL_SOCKET, SO_SNDTIMEO, new Uint8Array(time.buffer))).toBe(0);
    const back = new Uint8Array(16);
    expect(native.getOption(socket, SOL_SOCKET, SO_SNDTIMEO, back)).toBe(16);
    expect(new BigInt64Array(back.buffer)[0]).toBe(5n);
    expect([native.closeSocket(socket), native.closeSocket(other)]).toEqual([0, 0]);
  });

  it('wraps numbers that are too large as bit operations do', () => {
    const [socket, other] = native.openSocketPair(1) as [number, number];
    for (const [number, same] of [
      [2 ** 32 + 1, 1],
      [-(2 ** 32) + 1, 1],
      [2 ** 53, 0],
      [1.9, 1],
      [Number.NaN, 0],
      [Number.POSITIVE_INFINITY, 0],
    ] as const) {
      expect(native.setOption(socket, number, 2 ** 31 - 1, 1)).toBe(native.setOption(socket, same, 2 ** 31 - 1, 1));
      expect(native.waitFor(0, number, 0)).toBe(native.waitFor(0, same, 0));
    }
    expect([native.closeSocket(socket), native.closeSocket(other)]).toEqual([0, 0]);
  });

  it('names no call and no errno beyond its tables', () => {
    for (const number of [0, 4095, 2 ** 31, 2 ** 32 - 1]) expect(native.callName(number)).toBe('');
    for (const errno of [0, -1, 4095, 2 ** 31 - 1]) expect(native.describeErrno(errno)).toEqual(['', 'unknown error']);
    for (const number of [0, 4095, 2 ** 32 - 1]) expect(native.describeInvariant(number)).toBe('');
  });

  it('refuses an offset and a length as far from zero as numbers go', () => {
    const [a, b] = native.openSocketPair(1) as [number, number];
    const fd = native.socketFd(a);
    const bytes = new Uint8Array(8);
    for (const far of [-(2 ** 63), -(2 ** 53), -1, 9, 2 ** 53, 2 ** 63, Number.MAX_VALUE]) {
      for (const move of [native.recv, native.send] as const) {
        expect(move(a, bytes, far)).toBe(BAD_ARGUMENT);
        if (far !== -1) expect(move(a, bytes, 1, far)).toBe(BAD_ARGUMENT);
      }
      for (const move of [native.read, native.write] as const) {
        expect(move(fd, bytes, far)).toBe(BAD_ARGUMENT);
        if (far !== -1) expect(move(fd, bytes, 1, far)).toBe(BAD_ARGUMENT);
      }
    }
    expect([native.closeSocket(a), native.closeSocket(b)]).toEqual([0, 0]);
  });
});
