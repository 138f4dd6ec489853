import { describe, expect, it } from 'vitest';
import {
  groupMembership,
  groupSource,
  interfaceIndex,
  interfaceInNetworkOrder,
  interfaceOf,
  isGroup6,
  membership4,
  membership6,
  multicastInterface,
  packetInfo6,
  pathMtu,
  sockaddr,
  sockaddrOf,
  sourceMembership4,
} from '../lib/option_network.ts';
import { LITTLE_ENDIAN } from '../lib/option_numbers.ts';
import { expectFdError, expectOutOfRange, expectUnknownValue, expectWrongType } from './support/expect.ts';
import { loopback as system } from './support/interfaces.ts';

const { name: loopback, index: loopbackIndex } = system;
const inet = (...numbers: number[]): Buffer => Buffer.from(numbers);
const int = (number: number): Buffer => Buffer.from(new Int32Array([number]).buffer);

describe('an interface', () => {
  it('is an index or a name', () => {
    expect(interfaceOf('x', loopback)).toBe(loopbackIndex);
    expect(interfaceOf('x', 7)).toBe(7);
    expect(interfaceOf('x', undefined)).toBe(0);
    expect(interfaceIndex.encode(loopback)).toBe(loopbackIndex);
    expect(interfaceIndex.encode(0)).toBe(0);
  });

  it('that does not exist is ENODEV', () => {
    expectFdError(() => interfaceOf('x', 'nosuch0'), 'ENODEV', 'if_nametoindex');
    expectFdError(() => interfaceOf('x', `${loopback}\0`), 'ENODEV', 'if_nametoindex');
    expectFdError(() => interfaceOf('x', ''), 'ENODEV', 'if_nametoindex');
    expectFdError(() => interfaceOf('x', 'x'.repeat(1000)), 'ENODEV', 'if_nametoindex');
  });

  it('of another type is refused by name', () => {
    for (const value of [null, true, {}, 1n]) expectWrongType(() => interfaceOf('x', value));
    for (const value of [-1, 2 ** 31, 0.5]) expectOutOfRange(() => interfaceOf('x', value));
    expectWrongType(() => interfaceIndex.encode(undefined));
  });

  it('goes and comes in network order where the kernel wants it so', () => {
    const bytes = interfaceInNetworkOrder.encode(loopback) as Buffer;
    expect(bytes.readUInt32BE()).toBe(loopbackIndex);
    expect(interfaceInNetworkOrder.decode(bytes)).toBe(loopbackIndex);
    expect(interfaceInNetworkOrder.decode(Buffer.alloc(0))).toBe(0);
  });

  it('of IPv4 multicast is an index, a name or an address', () => {
    expect(multicastInterface.encode('127.0.0.1')).toEqual(inet(127, 0, 0, 1));
    expect(multicastInterface.encode(0)).toEqual(inet(0, 0, 0, 0));
    expect(Buffer.from(multicastInterface.encode(loopback) as Buffer).includes(loopbackIndex)).toBe(true);
    expect(multicastInterface.decode(inet(127, 0, 0, 1))).toBe('127.0.0.1');
    expectFdError(() => multicastInterface.encode('::1'), 'ENODEV');
  });
});

describe('an IP address', () => {
  it('is text of either family', () => {
    expect(sockaddrOf('x', '1.2.3.4').subarray(4, 8)).toEqual(new Uint8Array([1, 2, 3, 4]));
    expect(sockaddrOf('x', 'ff02::1')).toHaveLength(28);
    for (const value of ['localhost', '', '1.2.3', '1.2.3.4:5', '::g'])
      expectUnknownValue(() => sockaddrOf('x', value));
    for (const value of [1, null, undefined, Buffer.alloc(4)]) expectWrongType(() => sockaddrOf('x', value));
    expect(['ff02::1', '239.0.0.1', 7].map(isGroup6)).toEqual([true, false, false]);
  });
});

describe('a membership', () => {
  it('of IPv4 is a group, and an interface by address or index', () => {
    expect(membership4.encode({ group: '239.1.2.3' })).toEqual(inet(239, 1, 2, 3, 0, 0, 0, 0));
    expect(membership4.encode({ group: '239.1.2.3', interface: '127.0.0.1' })).toEqual(
      inet(239, 1, 2, 3, 127, 0, 0, 1),
    );
    const byIndex = membership4.encode({ group: '239.1.2.3', interface: 5 }) as Buffer;
    const expected =
      process.platform === 'netbsd'
        ? inet(239, 1, 2, 3, 0, 0, 0, 5)
        : Buffer.concat([inet(239, 1, 2, 3, 0, 0, 0, 0), int(5)]);
    expect(byIndex).toEqual(expected);
    expectUnknownValue(() => membership4.encode({ group: 'ff02::1' }));
    expectWrongType(() => membership4.encode({}));
    expectWrongType(() => membership4.encode('239.1.2.3'));
  });

  it('of one source knows interfaces by address alone', () => {
    const value = { group: '239.1.2.3', source: '10.0.0.1', interface: '127.0.0.1' };
    const [group, source, local] = [inet(239, 1, 2, 3), inet(10, 0, 0, 1), inet(127, 0, 0, 1)];
    const order = process.platform === 'linux' ? [group, local, source] : [group, source, local];
    expect(sourceMembership4.encode(value)).toEqual(Buffer.concat(order));
    expectWrongType(() => sourceMembership4.encode({ ...value, interface: 1 }));
    expectUnknownValue(() => sourceMembership4.encode({ ...value, interface: loopback }));
    expectWrongType(() => sourceMembership4.encode({ group: '239.1.2.3' }));
  });

  it('of IPv6 is a group and the index of an interface', () => {
    const bytes = membership6.encode({ group: 'ff15::7', interface: loopback }) as Buffer;
    expect(bytes).toEqual(Buffer.concat([Buffer.from('ff150000000000000000000000000007', 'hex'), int(loopbackIndex)]));
    expectUnknownValue(() => membership6.encode({ group: '239.1.2.3' }));
    expectUnknownValue(() => membership6.encode({ group: `ff15::7%${loopback}` }));
  });

  it('of RFC 3678 holds socket addresses, and takes its level from the group', () => {
    const value = { group: 'ff15::7', source: 'fe80::1', interface: 5 };
    const bytes = groupSource.encode(value) as Buffer;
    expect(bytes).toHaveLength(groupSource.size);
    expect(LITTLE_ENDIAN ? bytes.readUInt32LE() : bytes.readUInt32BE()).toBe(5);
    expect(bytes.includes(Buffer.from(sockaddrOf('x', 'ff15::7')))).toBe(true);
    expect(bytes.subarray(-128, -100)).toEqual(Buffer.from(sockaddrOf('x', 'fe80::1')));
    expect(groupSource.level?.(value)).toBe('IPPROTO_IPV6');
    expect(groupMembership.level?.({ group: '239.0.0.1' })).toBe('IPPROTO_IP');
    expectUnknownValue(() => groupSource.encode({ group: 'ff15::7', source: '10.0.0.1' }));
    expectWrongType(() => groupMembership.encode({ group: 7 }));
    expectWrongType(() => groupMembership.encode(null));
  });

  it('takes the interface of a group from its zone', () => {
    const bytes = groupMembership.encode({ group: `ff02::7%${loopback}` }) as Buffer;
    expect(LITTLE_ENDIAN ? bytes.readUInt32LE() : bytes.readUInt32BE()).toBe(loopbackIndex);
  });
});

describe('what the kernel tells of addresses', () => {
  it('is an object, or a number', () => {
    expect(sockaddr.decode(Buffer.from(sockaddrOf('x', '1.2.3.4')))).toEqual({
      family: 'inet',
      host: '1.2.3.4',
      port: 0,
    });
    expectWrongType(() => sockaddr.encode({ family: 'inet', host: '1.2.3.4', port: 0 }));
    expect(pathMtu.decode(Buffer.concat([Buffer.alloc(28), int(1280)]))).toBe(1280);
    expect(pathMtu.decode(Buffer.alloc(0))).toBe(0);
  });

  it('goes both ways for what a socket sends from', () => {
    const value = { address: 'fe80::1', interface: 5 };
    expect(packetInfo6.decode(Buffer.from(packetInfo6.encode(value) as Buffer))).toEqual(value);
    expect(packetInfo6.decode(Buffer.alloc(4))).toEqual({});
    expectUnknownValue(() => packetInfo6.encode({ address: '1.2.3.4' }));
  });
});
