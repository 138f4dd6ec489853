import { describe, expect, it } from 'vitest';
import { encodeAddress } from '../lib/address.ts';
import { systemNumber } from '../lib/socket_kinds.ts';
import { contextOf, familyOf, type ListenOptions, listenPlan } from '../lib/socket_setup.ts';
import { expectOutOfRange, expectUnknownValue, expectWrongType } from './support/expect.ts';

describe('contextOf', () => {
  it('is what an error says about an address', () => {
    expect(contextOf('127.0.0.1:80')).toEqual({ address: '127.0.0.1', port: 80 });
    expect(contextOf({ family: 'inet6', host: '::1', port: 0 })).toEqual({ address: '::1', port: 0 });
    expect(contextOf('unix:/run/x')).toEqual({ address: 'unix:/run/x' });
    expect(contextOf('unix:@name')).toEqual({ address: 'unix:@name' });
    expect(contextOf('vsock:2:1024')).toEqual({ address: 'vsock:2:1024' });
    expect(contextOf({ family: 'netlink', pid: 0, groups: 1 })).toEqual({ address: 'netlink:0:1' });
    expect(contextOf({ family: 'packet', interface: 2, protocol: 3 })).toEqual({ address: 'packet:2:0x0003' });
    expect(contextOf('can:3')).toEqual({ address: 'can:3' });
  });

  it('is nothing for bytes', () => {
    expect(contextOf(new Uint8Array(4))).toEqual({});
    expect(contextOf({ family: 2, bytes: new Uint8Array(4) })).toEqual({});
  });
});

describe('familyOf', () => {
  it('is the number of the family, whatever the form', () => {
    for (const [address, name] of [
      ['127.0.0.1:80', 'AF_INET'],
      ['[::1]:80', 'AF_INET6'],
      ['unix:/run/x', 'AF_UNIX'],
    ] as const) {
      expect(familyOf(address)).toBe(systemNumber(name));
      expect(familyOf(encodeAddress(address))).toBe(systemNumber(name));
    }
    expect(familyOf({ family: 99, bytes: new Uint8Array(0) })).toBe(99);
  });

  it('refuses what has none', () => {
    expect(expectOutOfRange(() => familyOf(new Uint8Array(129))).message).toMatch(/128 bytes/);
    expectWrongType(() => familyOf(undefined as unknown as string));
    expectUnknownValue(() => familyOf({ family: 'ipx' } as unknown as string));
  });
});

describe('listenPlan', () => {
  /** The options of a plan by their names. */
  const asked = (address: string, options?: ListenOptions): Record<string, number> => {
    const names = ['SO_REUSEADDR', 'SO_REUSEPORT', 'IPV6_V6ONLY'];
    const level = (name: string): number => systemNumber(name === 'IPV6_V6ONLY' ? 'IPPROTO_IPV6' : 'SOL_SOCKET');
    const plan = listenPlan(address, options);
    return Object.fromEntries(
      plan.options.map(([at, number, value]) => [
        names.find((name) => systemNumber(name) === number && level(name) === at) ?? 'unknown',
        value,
      ]),
    );
  };

  it('binds although earlier connections linger, and takes IPv4 on IPv6, when nothing is said', () => {
    expect(asked('127.0.0.1:0')).toEqual({ SO_REUSEADDR: 1 });
    expect(asked('[::]:0')).toEqual({ SO_REUSEADDR: 1, IPV6_V6ONLY: 0 });
    expect(asked('unix:/run/x')).toEqual({});
  });

  it('does as it is told', () => {
    const told = { reuseAddress: false, reusePort: true, ipv6Only: true };
    expect(asked('[::]:0', told)).toEqual({ SO_REUSEPORT: 1, IPV6_V6ONLY: 1 });
    expect(asked('127.0.0.1:0', told)).toEqual({ SO_REUSEPORT: 1 });
  });

  it('listens with what has connections, and only binds the others', () => {
    for (const [type, listens] of [
      ['stream', true],
      ['seqpacket', true],
      ['dgram', false],
    ] as const)
      expect(listenPlan('unix:/run/x', { type })).toMatchObject({ listens, backlog: 4096, mode: undefined });
  });

  it.each([-1, 0o1000, 1.5, Number.NaN])('takes no mode %d', (mode) => {
    expect(expectOutOfRange(() => listenPlan('unix:/run/x', { mode })).message).toMatch(/"options.mode"/);
  });

  it('has a mode for paths alone, however they are written, and takes none for a unix address without one', () => {
    const mode = 0o600;
    expect(listenPlan(encodeAddress('unix:/run/x'), { mode }).mode).toBe(mode);
    expect(listenPlan('127.0.0.1:0', { mode }).mode).toBeUndefined();
    for (const address of ['unix:', 'unix:@name', Uint8Array.from(encodeAddress('unix:'))])
      expect(expectUnknownValue(() => listenPlan(address, { mode })).message).toMatch(/"options.mode"/);
  });

  it('keeps a mode of 0 and a backlog of 0', () => {
    expect(listenPlan('unix:/run/x', { mode: 0, backlog: 0 })).toMatchObject({ mode: 0, backlog: 0 });
  });

  it.each([-1, 2 ** 31, 0.5])('takes no backlog %d', (backlog) => {
    expectOutOfRange(() => listenPlan('127.0.0.1:0', { backlog }));
  });
});
