import { isIPv4, isIPv6 } from 'node:net';
import { native } from './binding.ts';
import type { NativeAddress } from './native.ts';
import { integer, outOfRange, wrongType, wrongValue } from './validate.ts';

/** A socket's address. A unix path of `''` is unnamed, one that starts with NUL is abstract (Linux). */
export type AddressObject =
  | { family: 'inet'; host: string; port: number }
  | { family: 'inet6'; host: string; port: number; scopeId?: number; flowInfo?: number }
  | { family: 'unix'; path: string }
  | { family: number; bytes: Uint8Array };

/**
 * An object, a string (`'127.0.0.1:80'`, `'[::1]:80'`, `'[fe80::1%eth0]:80'`, `'unix:/run/x.sock'`,
 * `'unix:@abstract'`) or the bytes of a sockaddr. Names are for `node:dns`; here hosts are numbers.
 */
export type Address = AddressObject | string | Uint8Array;

// A path ends with a NUL that takes room; an abstract name starts with one and fills the field.
const SUN_PATH_BYTES = process.platform === 'linux' ? 108 : 104;
const UINT32_MAX = 0xffffffff;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function parsePort(text: string, whole: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) {
    throw wrongValue('address', 'an address with a port from 0 to 65535', whole);
  }
  return Number(text);
}

/** The object of a string: see `Address`. */
export function parseAddress(text: string): AddressObject {
  if (typeof text !== 'string') throw wrongType('address', 'a string', text);
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length);
    return { family: 'unix', path: path.startsWith('@') ? `\0${path.slice(1)}` : path };
  }
  const [, host6, port6] = /^\[([^\]]*)\]:(.*)$/s.exec(text) ?? [];
  if (host6 !== undefined && port6 !== undefined) {
    return withZone({ family: 'inet6', host: host6, port: parsePort(port6, text) });
  }
  const [, host, port] = /^([^:]*):(.*)$/s.exec(text) ?? [];
  if (host !== undefined && port !== undefined && isIPv4(host)) {
    return { family: 'inet', host, port: parsePort(port, text) };
  }
  throw wrongValue(
    'address',
    "'127.0.0.1:80', '[::1]:80', 'unix:/path' or 'unix:@abstract' (names are resolved by node:dns, not here)",
    text,
  );
}

type Inet6 = Extract<AddressObject, { family: 'inet6' }>;

/** `fe80::1%eth0` names its scope: the interface's index goes into scopeId. */
function withZone(address: Inet6): Inet6 {
  const at = address.host.indexOf('%');
  if (at < 0) return address;
  const zone = address.host.slice(at + 1);
  const scopeId = /^\d+$/.test(zone) ? Number(zone) : native.interfaceIndex(zone);
  if (scopeId === 0) throw wrongValue('address.host', 'an IPv6 address whose zone is an interface', address.host);
  return { ...address, host: address.host.slice(0, at), scopeId };
}

/** The string of an object, as `parseAddress` takes it; other families as `family:hex`. */
export function formatAddress(address: AddressObject): string {
  if ('bytes' in address) return `${address.family}:${Buffer.from(address.bytes).toString('hex')}`;
  switch (address.family) {
    case 'inet':
      return `${address.host}:${address.port}`;
    case 'inet6':
      return `[${address.host}${address.scopeId ? `%${address.scopeId}` : ''}]:${address.port}`;
    case 'unix':
      return `unix:${address.path.startsWith('\0') ? `@${address.path.slice(1)}` : address.path}`;
  }
}

function encodeInet(address: { host: unknown; port: unknown }): Uint8Array {
  const { host, port } = address;
  if (typeof host !== 'string') throw wrongType('address.host', 'a string', host);
  if (!isIPv4(host)) throw wrongValue('address.host', 'an IPv4 address (names are resolved by node:dns)', host);
  return encoded(native.encodeInet(host, integer('address.port', port, 0, 65535)), address);
}

function encodeInet6(address: Inet6): Uint8Array {
  if (typeof address.host !== 'string') throw wrongType('address.host', 'a string', address.host);
  const { host, port, scopeId = 0, flowInfo = 0 } = withZone(address);
  if (!isIPv6(host)) throw wrongValue('address.host', 'an IPv6 address (names are resolved by node:dns)', host);
  return encoded(
    native.encodeInet6(
      host,
      integer('address.port', port, 0, 65535),
      integer('address.scopeId', scopeId, 0, UINT32_MAX),
      integer('address.flowInfo', flowInfo, 0, UINT32_MAX),
    ),
    address,
  );
}

function encodeUnix(address: { path: unknown }): Uint8Array {
  const { path } = address;
  if (typeof path !== 'string') throw wrongType('address.path', 'a string', path);
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

function encoded(answer: Uint8Array | number, address: unknown): Uint8Array {
  if (typeof answer === 'number') throw wrongValue('address', 'an address', address);
  return answer;
}

/**
 * An address in a form that has properties.
 * @internal
 */
export function addressObject(address: Address): AddressObject | Uint8Array {
  const object: unknown = typeof address === 'string' ? parseAddress(address) : address;
  if (typeof object !== 'object' || object === null) throw wrongType('address', 'an object, string or bytes', object);
  return object as AddressObject | Uint8Array;
}

/** The bytes of a sockaddr, as this system has them. */
export function encodeAddress(address: Address): Uint8Array {
  if (address instanceof Uint8Array) {
    if (address.length > 128) throw outOfRange('address.length', 'at most 128 bytes, a sockaddr', address.length);
    return address;
  }
  const object = addressObject(address) as Exclude<AddressObject, Uint8Array>;
  const { family } = object as { family?: unknown };
  switch (family) {
    case 'inet':
      return encodeInet(object as { host: unknown; port: unknown });
    case 'inet6':
      return encodeInet6(object as Inet6);
    case 'unix':
      return encodeUnix(object as { path: unknown });
    default:
  }
  const { bytes } = object as { bytes?: unknown };
  if (typeof family === 'number' && bytes instanceof Uint8Array) return encodeAddress(bytes);
  const expected = "'inet', 'inet6', 'unix', or a number with the bytes of a sockaddr";
  if (typeof family === 'string' || typeof family === 'number') throw wrongValue('address.family', expected, family);
  throw wrongType('address.family', expected, family);
}

/** @internal */
export function toObject(found: NativeAddress, families: Readonly<Record<string, number>>): AddressObject {
  const { host = '', port = 0 } = found;
  switch (found.family) {
    case families.AF_INET:
      return { family: 'inet', host, port };
    case families.AF_INET6:
      return {
        family: 'inet6',
        host,
        port,
        ...(found.scopeId ? { scopeId: found.scopeId } : {}),
        ...(found.flowInfo ? { flowInfo: found.flowInfo } : {}),
      };
    case families.AF_UNIX:
      try {
        return { family: 'unix', path: utf8.decode(found.path) };
      } catch {
        // A name that is no UTF-8 comes back as bytes.
        return { family: found.family, bytes: found.bytes };
      }
    default:
      return { family: found.family, bytes: found.bytes };
  }
}
