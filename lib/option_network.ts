import { constants } from 'node:os';
import { encodeAddress, toObject } from './address.ts';
import { native } from './binding.ts';
import { isIPv4, isIPv6 } from './builtins.ts';
import { systemError } from './errors.ts';
import { dataOf, inRange, int, LITTLE_ENDIAN, LONG_BYTES, type OptionType, unsignedOf } from './option_numbers.ts';
import { objectOf, own } from './option_structs.ts';
import { systemConstants } from './system_constants.ts';
import { wrongType, wrongValue } from './validate.ts';

const IN_ADDR = 4; // offset in a sockaddr_in, on every system
const IN6_ADDR = 8;
const SOCKADDR_STORAGE = 128;
const AN_INTERFACE = 'an interface: its index or its name';

/** The index of an interface that is given as index or name; 0, or nothing, is any. */
export function interfaceOf(name: string, value: unknown): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return inRange(name, AN_INTERFACE, value, 0, 2 ** 31 - 1);
  if (typeof value !== 'string') throw wrongType(name, AN_INTERFACE, value);
  const index = value.includes('\0') ? 0 : native.interfaceIndex(value);
  if (index <= 0) throw systemError('if_nametoindex', constants.errno.ENODEV, { address: value });
  return index;
}

/** The bytes of a sockaddr with this IP address. */
export function sockaddrOf(name: string, value: unknown): Uint8Array {
  if (typeof value !== 'string') throw wrongType(name, 'an IPv4 or IPv6 address', value);
  if (isIPv4(value)) return encodeAddress({ family: 'inet', host: value, port: 0 });
  if (isIPv6(value)) return encodeAddress({ family: 'inet6', host: value, port: 0 });
  throw wrongValue(name, 'an IPv4 or IPv6 address', value);
}

function inAddr(name: string, value: unknown): Uint8Array {
  if (typeof value !== 'string') throw wrongType(name, 'an IPv4 address', value);
  if (!isIPv4(value)) throw wrongValue(name, 'an IPv4 address', value);
  return sockaddrOf(name, value).subarray(IN_ADDR, IN_ADDR + 4);
}

function in6Addr(name: string, value: unknown): Uint8Array {
  if (typeof value !== 'string') throw wrongType(name, 'an IPv6 address', value);
  if (!isIPv6(value) || value.includes('%')) throw wrongValue(name, 'an IPv6 address', value);
  return sockaddrOf(name, value).subarray(IN6_ADDR, IN6_ADDR + 16);
}

function in6Text(bytes: Uint8Array): string {
  const sockaddr = Uint8Array.from(encodeAddress({ family: 'inet6', host: '::', port: 0 }));
  sockaddr.set(bytes, IN6_ADDR);
  const decoded = native.decodeAddress(sockaddr);
  return typeof decoded === 'number' ? '' : (decoded.host ?? '');
}

/** Whether it is IPv6: an address of a group decides about the level. */
export function isGroup6(group: unknown): boolean {
  return typeof group === 'string' && isIPv6(group);
}

export const interfaceIndex: OptionType = {
  ...int(`${AN_INTERFACE}; 0 is none`, 0),
  encode: (value) => interfaceOf('value', value ?? null),
};

/** In network order, and so it comes back (ip(7) and ipv6(7) call that a historical accident). */
export const interfaceInNetworkOrder: OptionType = {
  ...interfaceIndex,
  decode: (bytes) => (bytes.length < 4 ? 0 : dataOf(bytes).getUint32(0)),
  encode: (value) => {
    const bytes = Buffer.alloc(4);
    dataOf(bytes).setUint32(0, interfaceOf('value', value ?? null));
    return bytes;
  },
};

/** struct ip_mreqn; where the system has none (NetBSD), the index is written as the address 0.0.0.index. */
function mreqn(group: Uint8Array, address: Uint8Array | undefined, index: number): Buffer {
  if (address !== undefined || index === 0) return Buffer.concat([group, address ?? Buffer.alloc(4)]);
  const bytes = Buffer.alloc(12);
  bytes.set(group);
  if (process.platform === 'netbsd') {
    dataOf(bytes).setUint32(4, index);
    return bytes.subarray(0, 8);
  }
  dataOf(bytes).setInt32(8, index, LITTLE_ENDIAN);
  return bytes;
}

/** Of IPv4 an interface may also be one of its addresses. */
export function interface4Of(name: string, value: unknown): { address: Uint8Array | undefined; index: number } {
  if (typeof value === 'string' && isIPv4(value)) return { address: inAddr(name, value), index: 0 };
  return { address: undefined, index: interfaceOf(name, value) };
}

/** IP_MULTICAST_IF: takes an index, name or address, and gives an address, 0.0.0.0 for what was set otherwise. */
export const multicastInterface: OptionType = {
  takes: 'an interface: its index, its name or its IPv4 address',
  size: 4,
  decode: (bytes) => bytes.join('.'),
  encode: (value) => {
    const { address, index } = interface4Of('value', value ?? null);
    return index === 0 ? Buffer.from(address ?? Buffer.alloc(4)) : withoutGroup(index);
  },
};

function withoutGroup(index: number): Buffer {
  const bytes = mreqn(Buffer.alloc(4), undefined, index);
  return process.platform === 'netbsd' ? bytes.subarray(4) : bytes;
}

const unreadable = (bytes: Buffer): Buffer => bytes;

/** struct ip_mreq or ip_mreqn */
export const membership4: OptionType = {
  takes: '{ group, interface? }',
  size: 12,
  decode: unreadable,
  encode: (value) => {
    const object = objectOf('{ group, interface? }', value);
    const { address, index } = interface4Of('value.interface', own(object, 'interface'));
    return mreqn(inAddr('value.group', own(object, 'group')), address, index);
  },
};

/** struct ip_mreq_source, which knows interfaces by address alone; its order differs. */
export const sourceMembership4: OptionType = {
  takes: '{ group, source, interface?: its IPv4 address }',
  size: 12,
  decode: unreadable,
  encode: (value) => {
    const object = objectOf('{ group, source, interface? }', value);
    const [group, source, local] = ['group', 'source', 'interface'].map((key) =>
      inAddr(`value.${key}`, own(object, key) ?? (key === 'interface' ? '0.0.0.0' : undefined)),
    ) as [Uint8Array, Uint8Array, Uint8Array];
    return Buffer.concat(process.platform === 'linux' ? [group, local, source] : [group, source, local]);
  },
};

/** struct ipv6_mreq */
export const membership6: OptionType = {
  takes: '{ group, interface? }',
  size: 20,
  decode: unreadable,
  encode: (value) => {
    const object = objectOf('{ group, interface? }', value);
    const bytes = Buffer.alloc(20);
    bytes.set(in6Addr('value.group', own(object, 'group')));
    dataOf(bytes).setUint32(16, interfaceOf('value.interface', own(object, 'interface')), LITTLE_ENDIAN);
    return bytes;
  },
};

// A sockaddr_storage is aligned as a long, but on macOS, which packs these structs.
const AFTER_INDEX = process.platform === 'darwin' ? 4 : LONG_BYTES;

function zoneOf(sockaddr: Uint8Array): number {
  return sockaddr.length < 28 ? 0 : dataOf(sockaddr).getUint32(24, LITTLE_ENDIAN);
}

function groupRequest(keys: readonly string[], value: unknown): Buffer {
  const object = objectOf(`{ ${keys.join(', ')}, interface? }`, value);
  const addresses = keys.map((key) => sockaddrOf(`value.${key}`, own(object, key)));
  const [group, source] = addresses as [Uint8Array, Uint8Array | undefined];
  if (source !== undefined && source.length !== group.length)
    throw wrongValue('value.source', 'an address of the same family as the group', own(object, 'source'));
  const bytes = Buffer.alloc(AFTER_INDEX + keys.length * SOCKADDR_STORAGE);
  const given = own(object, 'interface');
  const index = given === undefined ? zoneOf(group) : interfaceOf('value.interface', given);
  dataOf(bytes).setUint32(0, index, LITTLE_ENDIAN);
  for (const [i, address] of addresses.entries()) bytes.set(address, AFTER_INDEX + i * SOCKADDR_STORAGE);
  return bytes;
}

const levelOfGroup = (value: unknown): string =>
  isGroup6(typeof value === 'object' && value !== null ? own(value, 'group') : '') ? 'IPPROTO_IPV6' : 'IPPROTO_IP';

/** struct group_req of RFC 3678, for groups of both families */
export const groupMembership: OptionType = {
  takes: '{ group, interface? }',
  size: AFTER_INDEX + SOCKADDR_STORAGE,
  decode: unreadable,
  encode: (value) => groupRequest(['group'], value),
  level: levelOfGroup,
};

/** struct group_source_req */
export const groupSource: OptionType = {
  takes: '{ group, source, interface? }',
  size: AFTER_INDEX + 2 * SOCKADDR_STORAGE,
  decode: unreadable,
  encode: (value) => groupRequest(['group', 'source'], value),
  level: levelOfGroup,
};

/** struct in6_pktinfo: what a socket sends from */
export const packetInfo6: OptionType = {
  takes: '{ address, interface? }',
  size: 20,
  decode: (bytes) =>
    bytes.length < 20
      ? {}
      : { address: in6Text(bytes.subarray(0, 16)), interface: dataOf(bytes).getUint32(16, LITTLE_ENDIAN) },
  encode: (value) => {
    const object = objectOf('{ address, interface? }', value);
    return membership6.encode({
      group: own(object, 'address') ?? '::',
      interface: own(object, 'interface'),
    });
  },
};

/** A socket address, which is only read. */
export const sockaddr: OptionType = {
  takes: 'an AddressObject',
  size: SOCKADDR_STORAGE,
  decode: (bytes) => {
    const decoded = native.decodeAddress(bytes);
    return typeof decoded === 'number' ? bytes : toObject(decoded, systemConstants());
  },
  encode: (value) => {
    throw wrongType('value', 'nothing', value);
  },
};

/** struct ip6_mtuinfo, whose address no system fills in here */
export const pathMtu: OptionType = {
  takes: 'a number of bytes',
  size: 32,
  decode: (bytes) => unsignedOf(bytes.subarray(28)),
  encode: sockaddr.encode,
};
