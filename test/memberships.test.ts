import { afterEach, describe, expect, it, vi } from 'vitest';
import { native } from '../lib/binding.ts';
import { membershipRequest } from '../lib/memberships.ts';
import { expectFdError, expectUnknownValue, expectWrongType } from './support/expect.ts';
import { loopback } from './support/interfaces.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.resetModules();
});

const NUMBERS = native.constants();

describe('a change of membership', () => {
  it('goes by RFC 3678 where the system has that', () => {
    const names = [
      ['join', undefined, 'MCAST_JOIN_GROUP', 'IP_ADD_MEMBERSHIP'],
      ['leave', undefined, 'MCAST_LEAVE_GROUP', 'IP_DROP_MEMBERSHIP'],
      ['join', '10.0.0.1', 'MCAST_JOIN_SOURCE_GROUP', undefined],
      ['leave', '10.0.0.1', 'MCAST_LEAVE_SOURCE_GROUP', undefined],
      ['block', '10.0.0.1', 'MCAST_BLOCK_SOURCE', undefined],
      ['unblock', '10.0.0.1', 'MCAST_UNBLOCK_SOURCE', undefined],
    ] as const;
    for (const [action, source, name, older] of names) {
      const options = source === undefined ? { interface: 1 } : { interface: 1, source };
      const number = NUMBERS[name] ?? (older === undefined ? undefined : NUMBERS[older]);
      if (number !== undefined) expect(membershipRequest(action, '239.0.0.1', options)[1]).toBe(number);
      else expectFdError(() => membershipRequest(action, '239.0.0.1', options), 'ENOPROTOOPT', 'setsockopt');
    }
  });

  it('is at the level of the family of its group', () => {
    expect(membershipRequest('join', '239.0.0.1', undefined)[0]).toBe(NUMBERS.IPPROTO_IP);
    expect(membershipRequest('leave', 'ff15::1', { interface: loopback.name })[0]).toBe(NUMBERS.IPPROTO_IPV6);
  });

  it('with an IPv4 address as interface is an older option, which takes one', () => {
    const join = membershipRequest('join', '239.0.0.1', { interface: '127.0.0.1' });
    expect(join.slice(0, 2)).toEqual([NUMBERS.IPPROTO_IP, NUMBERS.IP_ADD_MEMBERSHIP]);
    expect(join[2].byteLength).toBe(8);
    if (NUMBERS.IP_BLOCK_SOURCE !== undefined) {
      const block = membershipRequest('block', '239.0.0.1', { interface: '127.0.0.1', source: '10.0.0.1' });
      expect(block[1]).toBe(NUMBERS.IP_BLOCK_SOURCE);
      expect(block[2].byteLength).toBe(12);
    }
  });

  it('falls back where the system has no RFC 3678, and says what it lacks', async () => {
    const older = Object.fromEntries(Object.entries(NUMBERS).filter(([name]) => !/^MCAST_|SOURCE/.test(name)));
    vi.resetModules();
    const fresh = await import('../lib/memberships.ts');
    const binding = await import('../lib/binding.ts');
    vi.spyOn(binding.native, 'constants').mockReturnValue(older);
    const { membershipRequest: request } = fresh;
    expect(request('join', '239.0.0.1', { interface: 3 })[1]).toBe(NUMBERS.IP_ADD_MEMBERSHIP);
    expect(request('leave', '239.0.0.1', {})[1]).toBe(NUMBERS.IP_DROP_MEMBERSHIP);
    expect(request('join', 'ff15::1', { interface: 3 }).slice(0, 2)).toEqual([
      NUMBERS.IPPROTO_IPV6,
      NUMBERS.IPV6_JOIN_GROUP,
    ]);
    expect(request('leave', 'ff15::1', {})[1]).toBe(NUMBERS.IPV6_LEAVE_GROUP);
    expect(() => request('block', 'ff15::1', { source: 'fe80::1' })).toThrow(
      /^setsockopt ENOPROTOOPT: .*\(this system has no MCAST_BLOCK_SOURCE\)$/,
    );
  });

  it('refuses what is no group, no source, no interface', () => {
    for (const group of ['localhost', '', '239.0.0.1:80', '239.0.0'])
      expectUnknownValue(() => membershipRequest('join', group, {}));
    for (const group of [7, null, undefined, {}, Buffer.alloc(4)])
      expectWrongType(() => membershipRequest('join', group as unknown as string, {}));
    expectWrongType(() => membershipRequest('join', '239.0.0.1', null as unknown as undefined));
    expectWrongType(() => membershipRequest('join', '239.0.0.1', { source: 7 as unknown as string }));
    expectUnknownValue(() => membershipRequest('join', '239.0.0.1', { source: 'ff15::1' }));
    expectFdError(() => membershipRequest('join', '239.0.0.1', { interface: 'nosuch0' }), 'ENODEV');
    expectFdError(() => membershipRequest('join', 'ff15::1', { interface: '127.0.0.1' }), 'ENODEV');
  });

  it('has no options but its own', () => {
    const prototype = Object.prototype as { source?: string };
    prototype.source = '10.0.0.1';
    try {
      const [, name] = membershipRequest('join', '239.0.0.1', {});
      expect(name).toBe(NUMBERS.MCAST_JOIN_GROUP ?? NUMBERS.IP_ADD_MEMBERSHIP);
    } finally {
      delete prototype.source;
    }
  });
});
