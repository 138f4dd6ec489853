import { constants, endianness } from 'node:os';
import { systemError } from './errors.ts';
import { systemConstants } from './system_constants.ts';
import { INT32_MAX, integer, oneOf, wrongType } from './validate.ts';

/** The address family of a socket: a name, or this system's number. */
export type Family = 'inet' | 'inet6' | 'unix' | 'vsock' | 'netlink' | 'packet' | 'can' | 'bluetooth' | number;
/** The type of a socket: a name, or this system's number. */
export type SocketType = 'stream' | 'dgram' | 'seqpacket' | 'raw' | number;

const FAMILIES: Record<string, string> = {
  inet: 'AF_INET',
  inet6: 'AF_INET6',
  unix: 'AF_UNIX',
  vsock: 'AF_VSOCK',
  netlink: 'AF_NETLINK',
  packet: 'AF_PACKET',
  can: 'AF_CAN',
  bluetooth: 'AF_BLUETOOTH',
};
const TYPES: Record<string, string> = {
  stream: 'SOCK_STREAM',
  dgram: 'SOCK_DGRAM',
  seqpacket: 'SOCK_SEQPACKET',
  raw: 'SOCK_RAW',
};
const PROTOCOLS: Record<string, string> = {
  tcp: 'IPPROTO_TCP',
  udp: 'IPPROTO_UDP',
  icmp: 'IPPROTO_ICMP',
  icmpv6: 'IPPROTO_ICMPV6',
  igmp: 'IPPROTO_IGMP',
  raw: 'IPPROTO_RAW',
  sctp: 'IPPROTO_SCTP',
  udplite: 'IPPROTO_UDPLITE',
  mptcp: 'IPPROTO_MPTCP',
  'can-raw': 'CAN_RAW',
  'can-bcm': 'CAN_BCM',
  'can-isotp': 'CAN_ISOTP',
  'bluetooth-hci': 'BTPROTO_HCI',
  'bluetooth-l2cap': 'BTPROTO_L2CAP',
  'bluetooth-rfcomm': 'BTPROTO_RFCOMM',
  'netlink-route': 'NETLINK_ROUTE',
  'netlink-uevent': 'NETLINK_KOBJECT_UEVENT',
  'netlink-generic': 'NETLINK_GENERIC',
};
const LACKING = -1;
const LITTLE_ENDIAN = endianness() === 'LE';

/** This system's numbers, read when they are first asked for, since importing must work where the addon does not. */
interface Numbers {
  readonly all: Readonly<Record<string, number>>;
  readonly families: ReadonlyMap<string, number>;
  readonly types: ReadonlyMap<string, number>;
  readonly protocols: ReadonlyMap<string, number>;
}
let numbers: Numbers | undefined;

export function systemNumbers(): Numbers {
  if (numbers !== undefined) return numbers;
  const all = systemConstants();
  const pick = (names: Record<string, string>): Map<string, number> =>
    new Map(Object.entries(names).map(([word, constant]) => [word, all[constant] ?? LACKING]));
  numbers = { all, families: pick(FAMILIES), types: pick(TYPES), protocols: pick(PROTOCOLS) };
  return numbers;
}

/** One of this system's constants. */
export function systemNumber(name: string): number {
  return systemNumbers().all[name] as number;
}

function numberOf(name: string, words: ReadonlyMap<string, number>, lacking: number, value: unknown): number {
  if (typeof value === 'number') return integer(name, value, 0, INT32_MAX);
  if (typeof value !== 'string') throw wrongType(name, 'a string or a number', value);
  const number = oneOf(name, words, value);
  if (number === LACKING) throw systemError('socket', lacking);
  return number;
}

function nameOf<Name extends string>(words: ReadonlyMap<string, number>, value: number): Name | number {
  for (const [word, number] of words) if (number === value) return word as Name;
  return value;
}

export function familyNumber(family: unknown): number {
  return numberOf('family', systemNumbers().families, constants.errno.EAFNOSUPPORT, family);
}

export function typeNumber(type: unknown): number {
  return numberOf('type', systemNumbers().types, constants.errno.EPROTONOSUPPORT, type);
}

/** What socket(2) takes: that of a packet socket is an EtherType in network order. */
export function protocolNumber(protocol: unknown, family: number): number {
  if (protocol === undefined) return 0;
  const number = numberOf('options.protocol', systemNumbers().protocols, constants.errno.EPROTONOSUPPORT, protocol);
  return family === systemNumbers().families.get('packet') ? swapped(number) : number;
}

function swapped(number: number): number {
  return LITTLE_ENDIAN ? ((number & 0xff) << 8) | ((number >> 8) & 0xff) : number & 0xffff;
}

export function familyName(family: number): Family {
  return nameOf(systemNumbers().families, family);
}

export function typeName(type: number): SocketType {
  return nameOf(systemNumbers().types, type);
}
