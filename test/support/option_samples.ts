import { readFileSync } from 'node:fs';
import { constants, type OptionValue, Socket } from '../../lib/index.ts';
import { connection, pair } from './sockets.ts';

/** What this process may do: a bit for each capability, or all of them for root elsewhere. */
const capabilities = (): bigint => {
  if (process.platform !== 'linux') return process.getuid?.() === 0 ? ~0n : 0n;
  const effective = /^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return BigInt(`0x${effective ?? '0'}`);
};
export const mayAdmin: boolean = ((capabilities() >> 12n) & 1n) === 1n;
export const mayRaw: boolean = ((capabilities() >> 13n) & 1n) === 1n;

/** Sockets that options fit, by name. */
export const SOCKETS: Readonly<Record<string, () => Socket>> = {
  tcp: () => connection()[0],
  listener: () => Socket.listen('127.0.0.1:0'),
  'new tcp': () => new Socket('inet', 'stream'),
  'new tcp6': () => new Socket('inet6', 'stream'),
  tcp6: () => connection('[::1]:0')[0],
  udp: () => new Socket('inet', 'dgram'),
  udp6: () => new Socket('inet6', 'dgram'),
  unix: () => pair()[0],
  raw: () => new Socket('inet', 'raw', { protocol: 'icmp' }),
  raw6: () => new Socket('inet6', 'raw', { protocol: 'udp' }),
  icmp6: () => new Socket('inet6', 'raw', { protocol: 'icmpv6' }),
  'ipproto raw6': () => new Socket('inet6', 'raw', { protocol: 'raw' }),
  netlink: () => new Socket('netlink', 'raw', { protocol: 'netlink-route' }),
  packet: () => new Socket('packet', 'raw', { protocol: 0 }),
  vsock: () => new Socket('vsock', 'stream'),
  mptcp: () => new Socket('inet', 'stream', { protocol: 'mptcp' }),
  udplite: () => new Socket('inet', 'dgram', { protocol: 'udplite' }),
  can: () => new Socket('can', 'raw', { protocol: 'can-raw' }),
  isotp: () => new Socket('can', 'dgram', { protocol: 'can-isotp' }),
  j1939: () => new Socket('can', 'dgram', { protocol: constants.CAN_J1939 ?? 7 }),
  bluetooth: () => new Socket('bluetooth', 'stream', { protocol: 'bluetooth-rfcomm' }),
  hci: () => new Socket('bluetooth', 'raw', { protocol: 'bluetooth-hci' }),
  alg: () => new Socket(constants.AF_ALG ?? 38, 'seqpacket'),
};
export type SocketName = string;

/** The sockets that need CAP_NET_RAW. */
export const RAW_SOCKETS: readonly SocketName[] = ['raw', 'raw6', 'icmp6', 'ipproto raw6', 'packet', 'hci'];
/** The families that a kernel may lack, and what it says then. */
export const RARE_SOCKETS: Readonly<Record<SocketName, readonly string[]>> = {
  vsock: ['EAFNOSUPPORT'],
  mptcp: ['EPROTONOSUPPORT', 'ENOPROTOOPT'],
  udplite: ['EPROTONOSUPPORT'],
  can: ['EAFNOSUPPORT', 'EPROTONOSUPPORT'],
  isotp: ['EAFNOSUPPORT', 'EPROTONOSUPPORT'],
  j1939: ['EAFNOSUPPORT', 'EPROTONOSUPPORT'],
  bluetooth: ['EAFNOSUPPORT', 'EPROTONOSUPPORT'],
  hci: ['EAFNOSUPPORT', 'EPROTONOSUPPORT'],
  alg: ['EAFNOSUPPORT'],
};

/** How an option is tried. What is left out: it is read, set to `true` or what was read, and reads so again. */
export interface Sample {
  readonly on?: SocketName;
  readonly value?: OptionValue;
  /** What it reads as then, when that is not the value; `undefined` in a property: anything. */
  readonly answer?: unknown;
  /** What reading, or setting, always answers on this socket. */
  readonly readFails?: string;
  readonly setFails?: string;
  /** What it answers where the kernel is older, or built without: else it works. */
  readonly mayFail?: readonly string[];
  /** Setting needs CAP_NET_ADMIN, and answers this without. */
  readonly admin?: 'EPERM' | 'EACCES';
}

/** The socket for what has no sample of its own, by the title of its group. */
const BY_TITLE: readonly (readonly [RegExp, SocketName])[] = [
  [/^TCP on Linux|^TLS/, 'tcp'],
  [/^TCP/, 'new tcp'],
  [/^UDP-Lite/, 'udplite'],
  [/^UDP/, 'udp'],
  [/^Multipath/, 'mptcp'],
  [/^Raw IPv4/, 'raw'],
  [/^ICMP/, 'icmp6'],
  [/IPv6/, 'udp6'],
  [/IPv4|RFC 3678/, 'udp'],
  [/^Unix/, 'unix'],
  [/^vsock/, 'vsock'],
  [/^Netlink/, 'netlink'],
  [/^Packet/, 'packet'],
  [/^CAN_RAW/, 'can'],
  [/^CAN_ISOTP/, 'isotp'],
  [/^CAN_J1939/, 'j1939'],
  [/^Bluetooth HCI/, 'hci'],
  [/^Bluetooth/, 'bluetooth'],
  [/^The crypto/, 'alg'],
  [/^Sockets/, 'tcp'],
];

export const socketFor = (title: string): SocketName => BY_TITLE.find(([words]) => words.test(title))?.[1] ?? 'none';
