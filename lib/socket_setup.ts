import { type Address, type AddressObject, addressObject, encodeAddress, formatAddress } from './address.ts';
import { native } from './binding.ts';
import type { Context } from './errors.ts';
import { type SocketType, systemNumber, typeNumber } from './socket_kinds.ts';
import type { OptionValue } from './socket_options.ts';
import { bare, booleanOf, INT32_MAX, integer, optionsOf, wrongType, wrongValue } from './validate.ts';

/** What `new Socket` takes beside family and type. */
export interface SocketOptions {
  /** A number or a name: 'tcp', 'udp', 'icmp', 'mptcp', ... Default: the family's own for the type. */
  protocol?: number | string | undefined;
}

/** What `Socket.listen` and `Socket.listenAll` take. */
export interface ListenOptions {
  /** Default 'stream'. Of the others only 'seqpacket' listens; 'dgram' is bound and that is all. */
  type?: SocketType;
  /** Connections that may wait to be accepted. Default 4096; the system clamps it (net.core.somaxconn). */
  backlog?: number;
  /** Bind although earlier connections are still in TIME_WAIT. Default true. */
  reuseAddress?: boolean;
  /** Share the port with other sockets that say so; the kernel spreads connections. Default false. */
  reusePort?: boolean;
  /** An inet6 socket takes no IPv4 connections. Default false on every system. */
  ipv6Only?: boolean;
  /** Default: the family's own for the type; 'mptcp' for Multipath TCP. */
  protocol?: number | string;
  /** Further options by name, set before the socket is bound: see `setOption`. */
  options?: Readonly<Record<string, OptionValue>>;
  /**
   * Permissions of a unix path, 0 to 0o777, whatever the umask is: before anyone can connect, and never more than these
   * where sockets have permissions of their own (Linux, FreeBSD). Follows no symbolic link. Default: what the umask
   * leaves. Refused with a unix address that is no path.
   */
  mode?: number;
}

/** What `Socket.connect` takes. */
export interface ConnectOptions {
  /** Default 'stream'. */
  type?: SocketType;
  /** Default: the family's own for the type; 'mptcp' for Multipath TCP. */
  protocol?: number | string;
  /** Further options by name, set before it is bound or connected: see `setOption`. */
  options?: Readonly<Record<string, OptionValue>>;
  /** Connect from this address. */
  localAddress?: Address;
  /** Milliseconds to wait for the connection; ETIMEDOUT after that. Default 0: do not wait. */
  timeout?: number;
}

/** What a socket is, in this system's numbers. */
export interface Facts {
  readonly family: number;
  readonly type: number;
  readonly protocol: number;
}

/** A way into the constructor for descriptors that exist already. */
export class Taken {
  readonly handle: number;
  readonly facts: Facts | undefined;
  constructor(handle: number, facts?: Facts) {
    this.handle = handle;
    this.facts = facts;
  }
}

/** What `shutdown` ends, as the addon numbers it. */
export const DIRECTIONS: ReadonlyMap<string, number> = new Map([
  ['read', 0],
  ['write', 1],
  ['both', 2],
]);
export const DEFAULT_BACKLOG: number = 4096;

/** What an error says about the address that it met. */
export function contextOf(address: Address): Context {
  const object = addressObject(address);
  if (object instanceof Uint8Array || 'bytes' in object) return {};
  if ('host' in object) return { address: object.host, port: object.port };
  return { address: formatAddress(object) };
}

/** The family of an address, in this system's numbers. */
export function familyOf(address: Address): number {
  const bytes = encodeAddress(address);
  // The number that goes with raw bytes, which may be too few to hold it.
  if (typeof address === 'object' && 'family' in address && typeof address.family === 'number') return address.family;
  const decoded = native.decodeAddress(bytes);
  if (typeof decoded === 'number') throw wrongValue('address', 'an address', address);
  return decoded.family;
}

/** Options by name, in the order in which they were written. */
export function namedOptions(
  options: Readonly<Record<string, OptionValue>> | undefined,
): [name: string, value: OptionValue][] {
  if (options === undefined) return [];
  if (typeof options !== 'object' || options === null) throw wrongType('options.options', 'an object', options);
  return Object.entries(options);
}

/** Everything that listening needs, worked out before anything is opened. */
export interface ListenPlan {
  readonly family: number;
  readonly type: number;
  readonly protocol: number | string | undefined;
  readonly options: readonly (readonly [level: number, name: number, value: number])[];
  readonly named: readonly (readonly [name: string, value: OptionValue])[];
  readonly listens: boolean;
  readonly backlog: number;
  readonly mode: number | undefined;
}

export function listenPlan(address: Address, given?: ListenOptions): ListenPlan {
  const options = optionsOf(given);
  const { backlog = DEFAULT_BACKLOG, reuseAddress = true, reusePort = false, ipv6Only = false, mode } = options;
  const family = familyOf(address);
  const type = typeNumber(options.type ?? 'stream');
  const level = systemNumber('SOL_SOCKET');
  const wanted: [number, number, number][] = [];
  booleanOf('options.reuseAddress', reuseAddress);
  booleanOf('options.reusePort', reusePort);
  booleanOf('options.ipv6Only', ipv6Only);
  if (reuseAddress && family !== systemNumber('AF_UNIX')) wanted.push([level, systemNumber('SO_REUSEADDR'), 1]);
  if (reusePort) wanted.push([level, systemNumber('SO_REUSEPORT'), 1]);
  if (family === systemNumber('AF_INET6')) {
    wanted.push([systemNumber('IPPROTO_IPV6'), systemNumber('IPV6_V6ONLY'), ipv6Only ? 1 : 0]);
  }
  return {
    family,
    type,
    protocol: options.protocol,
    options: wanted,
    named: namedOptions(options.options),
    listens: type === systemNumber('SOCK_STREAM') || type === systemNumber('SOCK_SEQPACKET'),
    backlog: integer('options.backlog', backlog, 0, INT32_MAX),
    mode: mode === undefined ? undefined : pathMode(address, family, mode),
  };
}

const UNIX_PATH = 2; // offset of sun_path, everywhere

/** The permissions of a path; undefined for what is no unix socket. An abstract name would be open to all in silence. */
function pathMode(address: Address, family: number, mode: unknown): number | undefined {
  const permissions = integer('options.mode', mode, 0, 0o777);
  if (family !== systemNumber('AF_UNIX')) return undefined;
  // Also of raw bytes.
  if ((encodeAddress(address)[UNIX_PATH] ?? 0) !== 0) return permissions;
  throw wrongValue('options.mode', 'left out for an address without a path, which has no permissions', mode);
}

/** What each of several addresses listens with; `first` is asked for the port that the first one got. */
export function* listenAddresses(
  addresses: readonly Address[],
  options: ListenOptions,
  first: () => AddressObject | undefined,
): Generator<[Address, ListenOptions]> {
  if (!Array.isArray(addresses)) throw wrongType('addresses', 'an array', addresses);
  if (addresses.length === 0) throw wrongValue('addresses', 'at least one address', '[]');
  const inet = addresses.some((address) => familyOf(address) === systemNumber('AF_INET'));
  for (const address of addresses as readonly Address[]) {
    const object = addressObject(address);
    const known = first();
    const port = known !== undefined && 'port' in known ? known.port : 0;
    const same = 'host' in object && object.port === 0 ? bare({ ...object, port }) : address;
    const asked = object instanceof Uint8Array || object.family !== 'inet6' || options.ipv6Only !== undefined;
    yield [same, asked ? options : Object.create(options, { ipv6Only: { value: inet } })];
  }
}
