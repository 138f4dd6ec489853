import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { native } from '../lib/binding.ts';
import { interfaceIndex, interfaceName, interfaceOf } from '../lib/interfaces.ts';
import { failed } from './support/answers.ts';
import { expectFdError, expectOutOfRange, expectUnknownValue, expectWrongType } from './support/expect.ts';

const NONE = process.platform === 'linux' ? 'ENODEV' : 'ENXIO';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('interfaceIndex and interfaceName', () => {
  it('go there and back for every interface', () => {
    const names = Object.keys(networkInterfaces());
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      expect(interfaceIndex(name)).toBeGreaterThan(0);
      expect(interfaceName(interfaceIndex(name))).toBe(name);
    }
  });

  it('throw what the system says when there is none', () => {
    for (const name of ['nosuchif0', 'ünïx', ' ']) expectFdError(() => interfaceIndex(name), NONE, 'if_nametoindex');
    for (const index of [0, 2 ** 30, 2 ** 31, 2 ** 32 - 1])
      expectFdError(() => interfaceName(index), 'ENXIO', 'if_indextoname');
  });

  it('never cut a name that is too long, or that has a NUL in it', () => {
    const [name = ''] = Object.keys(networkInterfaces());
    for (const wrong of [`${name}\0`, `${name}\0x`, name.padEnd(16, 'x'), 'x'.repeat(1e6)])
      expectFdError(() => interfaceIndex(wrong), 'ENODEV', 'if_nametoindex');
  });

  it('refuse wrong types and numbers', () => {
    for (const value of [null, undefined, 1, {}, Symbol('lo')])
      expectWrongType(() => interfaceIndex(value as unknown as string));
    for (const value of [null, undefined, '1', {}, 1n])
      expectWrongType(() => interfaceName(value as unknown as number));
    for (const value of [-1, 0.5, Number.NaN, 2 ** 32, Infinity]) expectOutOfRange(() => interfaceName(value));
  });
});

describe('interfaceOf', () => {
  it('takes digits for an index, and looks names up', () => {
    const [name = ''] = Object.keys(networkInterfaces());
    expect(interfaceOf('address', '12', 'an interface', 'can:12')).toBe(12);
    expect(interfaceOf('address', name, 'an interface', `can:${name}`)).toBe(interfaceIndex(name));
  });

  it('blames the address for a name that is none, and the system for the rest', () => {
    expect(expectUnknownValue(() => interfaceOf('address', 'nosuchif0', 'an interface', 'can:nosuchif0')).message).toBe(
      `"address" must be an interface. Received type string ('can:nosuchif0')`,
    );
    vi.spyOn(native, 'interfaceIndex').mockReturnValue(failed('if_nametoindex', 'EMFILE'));
    expectFdError(() => interfaceOf('address', 'eth0', 'an interface', 'can:eth0'), 'EMFILE', 'if_nametoindex');
  });
});
