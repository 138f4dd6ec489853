import { constants as os } from 'node:os';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { constants, systemConstants } from '../lib/system_constants.ts';

afterEach(() => {
  vi.resetModules();
  vi.doUnmock('../lib/binding.ts');
});

describe('constants', () => {
  it('are the numbers of this system, by name', () => {
    expect(constants.AF_INET).toBe(2);
    expect(constants.SOCK_STREAM).toBe(1);
    expect(constants.MSG_PEEK).toBe(2);
    expect(constants.IPPROTO_TCP).toBe(6);
    expect(constants.SHUT_RDWR).toBe(2);
    expect(constants.INADDR_LOOPBACK).toBe(0x7f000001);
    expect(constants.SOL_SOCKET).toBe(process.platform === 'linux' ? 1 : 0xffff);
    expect(Object.values(constants).every(Number.isSafeInteger)).toBe(true);
  });

  it('have what the library names, wherever the system has it', () => {
    const expected =
      process.platform === 'linux'
        ? {
            AF_VSOCK: 40,
            AF_NETLINK: 16,
            AF_PACKET: 17,
            AF_CAN: 29,
            IPPROTO_MPTCP: 262,
            CAN_ISOTP: 6,
            BTPROTO_HCI: 1,
            IN_MODIFY: 2,
          }
        : { IPPROTO_ICMP: 1, IPPROTO_ICMPV6: 58, IPPROTO_IGMP: 2, IPPROTO_RAW: 255, TCP_NODELAY: 1, NOTE_WRITE: 2 };
    expect({ ...constants }).toMatchObject(expected);
  });

  it('are unsigned where C has them so', () => {
    const { VMADDR_CID_ANY, CAN_EFF_FLAG, INADDR_BROADCAST, IN_ONESHOT } = constants;
    const linux = process.platform === 'linux';
    expect(INADDR_BROADCAST).toBe(0xffffffff);
    expect(IN_ONESHOT).toBe(linux ? 0x80000000 : undefined);
    expect([VMADDR_CID_ANY, CAN_EFF_FLAG]).toEqual(
      linux ? [0xffffffff, 0x80000000] : [expect.toBeOneOf([0xffffffff, undefined]), undefined],
    );
  });

  it('agree with what Node knows itself', () => {
    expect(constants.CLOCK_MONOTONIC ?? 1).toBe(1);
    expect(os.errno.EPERM).toBe(1);
    expect(constants.SOMAXCONN).toBeGreaterThanOrEqual(128);
    expect(constants.FD_SETSIZE).toBeGreaterThanOrEqual(256);
  });

  it('list their names as own, enumerable ones', () => {
    const names = Object.keys(constants);
    expect(names.length).toBeGreaterThan(300);
    expect(names).toContain('SO_REUSEADDR');
    expect(Object.hasOwn(constants, 'SO_REUSEADDR')).toBe(true);
    expect('SO_REUSEADDR' in constants).toBe(true);
    expect({ ...constants }.SO_REUSEADDR).toBe(constants.SO_REUSEADDR);
    expect(inspect(constants, { maxArrayLength: null })).toContain('SO_REUSEADDR');
  });

  it('have nothing that every object has', () => {
    for (const name of ['toString', 'constructor', '__proto__', 'then', 'SO_NOSUCH'])
      expect([name, constants[name], name in constants]).toEqual([name, undefined, false]);
    expect(Object.getPrototypeOf(constants)).toBeNull();
  });

  it('stay as they are', () => {
    const mutable = constants as Record<string, number>;
    expect(() => {
      mutable.SO_REUSEADDR = 7;
    }).toThrow(TypeError);
    expect(() => Reflect.deleteProperty(mutable, 'SO_REUSEADDR')).not.toThrow();
    expect(Reflect.deleteProperty(mutable, 'SO_REUSEADDR')).toBe(false);
    expect(Reflect.defineProperty(mutable, 'SO_NEW', { value: 1 })).toBe(false);
    expect(Reflect.setPrototypeOf(mutable, {})).toBe(false);
    expect(Reflect.preventExtensions(mutable)).toBe(false);
    expect(constants.SO_REUSEADDR).toBeGreaterThan(0);
    expect(Object.isFrozen(systemConstants())).toBe(true);
  });

  it('are asked for when they are used, so that importing never fails', async () => {
    vi.doMock('../lib/binding.ts', () => ({
      native: {
        constants: () => {
          throw new Error('no addon');
        },
      },
    }));
    const module = await import('../lib/system_constants.ts');
    expect(() => module.constants.AF_INET).toThrow('no addon');
    expect(() => Object.keys(module.constants)).toThrow('no addon');
  });
});
