import { encoders } from './address_families.ts';
import { formatAddress, parseAddress } from './address_text.ts';
import { native } from './binding.ts';
import type { NativeAddress } from './native.ts';
import { systemNumbers } from './socket_kinds.ts';
import { bare, outOfRange, wrongType, wrongValue } from './validate.ts';

export { formatAddress, parseAddress };

/**
 * A socket's address. Numbers are unsigned, of 32 bits where nothing else is said, in host order. An `interface` is the
 * index of a network interface, 0 for all. `vsock` is for Linux and macOS, `netlink`, `packet` and `can` for Linux.
 */
export type AddressObject =
  /** The port has 16 bits. */
  | { family: 'inet'; host: string; port: number }
  | { family: 'inet6'; host: string; port: number; scopeId?: number; flowInfo?: number }
  /** `''` is unnamed; a path that starts with NUL is abstract (Linux). */
  | { family: 'unix'; path: string }
  /** vsock(7): a virtual machine by its context id. */
  | { family: 'vsock'; cid: number; port: number }
  /** netlink(7): a port id, 0 for the kernel, and a mask of multicast groups. */
  | { family: 'netlink'; pid: number; groups: number }
  /** packet(7): an Ethernet protocol such as 0x0800, and a hardware address of at most 32 bytes. */
  | { family: 'packet'; interface: number; protocol: number; address?: Uint8Array }
  | { family: 'can'; interface: number }
  /** Any other, as this system's number and the bytes of a sockaddr. */
  | { family: number; bytes: Uint8Array };

/**
 * An object, a string (`'127.0.0.1:80'`, `'[::1]:80'`, `'[fe80::1%eth0]:80'`, `'unix:/run/x.sock'`,
 * `'unix:@abstract'`, `'vsock:2:1024'`, `'netlink:0:0'`, `'packet:eth0:0x0800'`, `'can:can0'`) or the bytes of a
 * sockaddr. Names are for `node:dns`; here hosts are numbers.
 */
export type Address = AddressObject | string | Uint8Array;

const SOCKADDR_BYTES = 128;
const INET_BYTES = 16;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * An address in a form that has properties.
 * @internal
 */
export function addressObject(address: Address): AddressObject | Uint8Array {
  const object: unknown = typeof address === 'string' ? bare(parseAddress(address)) : address;
  if (typeof object !== 'object' || object === null) throw wrongType('address', 'an object, string or bytes', object);
  return object as AddressObject | Uint8Array;
}

function sockaddr(name: string, bytes: Uint8Array): Uint8Array {
  if (bytes.length <= SOCKADDR_BYTES) return bytes;
  throw outOfRange(`${name}.length`, `at most ${SOCKADDR_BYTES} bytes, a sockaddr`, bytes.length);
}

/**
 * The bytes of a sockaddr, as this system has them.
 * @throws FdError EAFNOSUPPORT when this system lacks the family.
 */
export function encodeAddress(address: Address): Uint8Array {
  if (address instanceof Uint8Array) return sockaddr('address', address);
  const object = addressObject(address) as Readonly<Record<string, unknown>>;
  const { family } = object;
  const encode = encoders.get(family);
  if (encode !== undefined) return encode(object);
  const { bytes } = object;
  if (typeof family === 'number' && bytes instanceof Uint8Array) return sockaddr('address.bytes', bytes);
  const names = Array.from(encoders.keys(), (name) => `'${name}'`).join(', ');
  const expected = `${names}, or a number with the bytes of a sockaddr`;
  if (typeof family === 'string' || typeof family === 'number') throw wrongValue('address.family', expected, family);
  throw wrongType('address.family', expected, family);
}

const FAMILY_FIRST = process.platform === 'linux'; // the BSDs begin with the length

/** The commonest address of all, without a call into the addon: undefined when it is none. */
function inetObject(bytes: Uint8Array, families: Readonly<Record<string, number>>): AddressObject | undefined {
  if (bytes.length < INET_BYTES) return undefined;
  const { 0: first, 1: second, 2: high = 0, 3: low = 0, 4: a, 5: b, 6: c, 7: d } = bytes;
  const isInet = FAMILY_FIRST ? first === families.AF_INET && second === 0 : second === families.AF_INET;
  return isInet ? { family: 'inet', host: `${a}.${b}.${c}.${d}`, port: high * 256 + low } : undefined;
}

/**
 * The object of the bytes of a sockaddr. What is too short for its family, or says more than the family's object can,
 * comes back as its number and a copy of the bytes.
 */
export function decodeAddress(bytes: Uint8Array): AddressObject {
  if (!(bytes instanceof Uint8Array)) throw wrongType('bytes', 'a Uint8Array', bytes);
  const families = systemNumbers().all;
  const inet = inetObject(sockaddr('bytes', bytes), families);
  if (inet !== undefined) return inet;
  const found = native.decodeAddress(bytes);
  if (typeof found === 'number') throw wrongValue('bytes', 'the bytes of a sockaddr', bytes);
  return toObject(found, families);
}

function unixObject(family: number, path: Uint8Array, bytes: Uint8Array): AddressObject {
  try {
    return { family: 'unix', path: utf8.decode(path) };
  } catch {
    // A name that is no UTF-8 comes back as bytes.
    return { family, bytes };
  }
}

/**
 * What the addon took apart, under the family's name.
 * @internal
 */
export function toObject(given: NativeAddress, families: Readonly<Record<string, number>>): AddressObject {
  const found = bare(given);
  const { family, host, port = 0, path, bytes } = found;
  if (path !== undefined) return unixObject(family, path, bytes ?? path);
  if (bytes !== undefined) return { family, bytes };
  const { interface: index = 0, protocol = 0 } = found;
  switch (family) {
    case families.AF_VSOCK:
      return { family: 'vsock', cid: found.cid ?? 0, port };
    case families.AF_NETLINK:
      return { family: 'netlink', pid: found.pid ?? 0, groups: found.groups ?? 0 };
    case families.AF_CAN:
      return { family: 'can', interface: index };
    case families.AF_PACKET: {
      const link = { family: 'packet', interface: index, protocol } as const;
      return found.address === undefined ? link : { ...link, address: found.address };
    }
    case families.AF_INET6: {
      const { scopeId, flowInfo } = found;
      return {
        family: 'inet6',
        host: host ?? '',
        port,
        ...(scopeId ? { scopeId } : {}),
        ...(flowInfo ? { flowInfo } : {}),
      };
    }
    default:
      return { family: 'inet', host: host ?? '', port };
  }
}
