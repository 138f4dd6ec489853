import { withZone } from './address_text.ts';
import { native } from './binding.ts';
import { isIPv4, isIPv6 } from './builtins.ts';
import { fromAnswer } from './errors.ts';
import { BAD_ARGUMENT } from './native.ts';
import { INT32_MAX, integer, outOfRange, UINT32_MAX, wrongType, wrongValue } from './validate.ts';

// A path ends with a NUL that takes room; an abstract name starts with one and fills the field.
const SUN_PATH_BYTES = process.platform === 'linux' ? 108 : 104;
const HARDWARE_BYTES = 32;

/** An address object whose properties nobody has looked at yet. */
type Unchecked = Readonly<Record<string, unknown>>;

function encoded(answer: Uint8Array | number, address: unknown): Uint8Array {
  if (typeof answer !== 'number') return answer;
  if (answer === BAD_ARGUMENT) throw wrongValue('address', 'an address', address);
  throw fromAnswer(answer);
}

function uint32(address: Unchecked, name: string, fallback?: number): number {
  const { [name]: value = fallback } = address;
  return integer(`address.${name}`, value, 0, UINT32_MAX);
}

function textOf(address: Unchecked, name: string): string {
  const text = address[name];
  if (typeof text !== 'string') throw wrongType(`address.${name}`, 'a string', text);
  return text;
}

/** The kernel's indices are ints. */
function interfaceIn(address: Unchecked): number {
  return integer('address.interface', address.interface, 0, INT32_MAX);
}

function encodeInet(address: Unchecked): Uint8Array {
  const host = textOf(address, 'host');
  if (!isIPv4(host)) throw wrongValue('address.host', 'an IPv4 address (names are resolved by node:dns)', host);
  return encoded(native.encodeInet(host, integer('address.port', address.port, 0, 65535)), address);
}

function encodeInet6(given: Unchecked): Uint8Array {
  const address: Unchecked = withZone(textOf(given, 'host'), given);
  const host = textOf(address, 'host');
  if (!isIPv6(host)) throw wrongValue('address.host', 'an IPv6 address (names are resolved by node:dns)', host);
  const port = integer('address.port', address.port, 0, 65535);
  const [scope, flow] = [uint32(address, 'scopeId', 0), uint32(address, 'flowInfo', 0)];
  return encoded(native.encodeInet6(host, port, scope, flow), given);
}

function encodeUnix(address: Unchecked): Uint8Array {
  const path = textOf(address, 'path');
  if (!path.startsWith('\0') && path.includes('\0')) {
    throw wrongValue('address.path', 'a path without NUL, or an abstract name that starts with one', path);
  }
  const bytes = Buffer.from(path, 'utf8');
  const answer = native.encodeUnix(bytes);
  if (typeof answer === 'number') {
    const most = path.startsWith('\0') ? SUN_PATH_BYTES : SUN_PATH_BYTES - 1;
    throw outOfRange('address.path', `a path of at most ${most} bytes`, `${bytes.length} bytes`);
  }
  return answer;
}

function encodePacket(address: Unchecked): Uint8Array {
  const { address: hardware = new Uint8Array(0) } = address;
  if (!(hardware instanceof Uint8Array)) throw wrongType('address.address', 'a Uint8Array', hardware);
  if (hardware.length > HARDWARE_BYTES) {
    throw outOfRange('address.address.length', `at most ${HARDWARE_BYTES} bytes`, hardware.length);
  }
  const protocol = integer('address.protocol', address.protocol, 0, 0xffff);
  return encoded(native.encodePacket(interfaceIn(address), protocol, hardware), address);
}

/**
 * The encoder of each family that has a name. Every one looks at what it reads, and throws FdError EAFNOSUPPORT where
 * the system lacks the family.
 * @internal
 */
export const encoders: ReadonlyMap<unknown, (address: Unchecked) => Uint8Array> = new Map([
  ['inet', encodeInet],
  ['inet6', encodeInet6],
  ['unix', encodeUnix],
  ['vsock', (a: Unchecked) => encoded(native.encodeVsock(uint32(a, 'cid'), uint32(a, 'port')), a)],
  ['netlink', (a: Unchecked) => encoded(native.encodeNetlink(uint32(a, 'pid'), uint32(a, 'groups')), a)],
  ['packet', encodePacket],
  ['can', (a: Unchecked) => encoded(native.encodeCan(interfaceIn(a)), a)],
]);
