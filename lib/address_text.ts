import type { AddressObject } from './address.ts';
import { isIPv4 } from './builtins.ts';
import { interfaceOf } from './interfaces.ts';
import { UINT32_MAX, wrongType, wrongValue } from './validate.ts';

interface Zone {
  host: string;
  scopeId: number;
}
type Packet = Extract<AddressObject, { family: 'packet' }>;

function refused(expected: string, text: string): Error {
  return wrongValue('address', expected, text);
}

function parsePort(text: string, whole: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) {
    throw refused('an address with a port from 0 to 65535', whole);
  }
  return Number(text);
}

/**
 * `fe80::1%eth0` names its scope: the interface's index goes into scopeId.
 * @internal
 */
export function withZone<Given extends object>(host: string, address: Given): Given | (Given & Zone) {
  const at = host.indexOf('%');
  if (at < 0) return address;
  const expected = 'an IPv6 address whose zone is an interface';
  const scopeId = interfaceOf('address.host', host.slice(at + 1), expected, host);
  if (scopeId === 0) throw wrongValue('address.host', expected, host);
  return { ...address, host: host.slice(0, at), scopeId };
}

/** `vsock:2:1024` and `netlink:0:0`: two unsigned numbers of 32 bits. */
function parsePair(text: string, form: string): [number, number] {
  const [, first, second] = /^\w+:(\d{1,10}):(\d{1,10})$/.exec(text) ?? [];
  const pair: [number, number] = [Number(first), Number(second)];
  if (pair.every((number) => number <= UINT32_MAX)) return pair;
  throw refused(`${form}, numbers from 0 to ${UINT32_MAX}`, text);
}

const PACKET_FORM =
  "'packet:eth0:0x0800' or 'packet:2:0x0800:02:00:5e:10:00:01': an interface that exists or 0, a protocol of 16 bits, " +
  'a hardware address in pairs of hexadecimal digits';

function parsePacket(text: string): Packet {
  const [, name = '', digits = '', hardware] =
    /^packet:([^:]+):(0x[0-9a-f]{1,4}|\d{1,5})(?::([0-9a-f]{2}(?::[0-9a-f]{2}){0,31}))?$/i.exec(text) ?? [];
  const protocol = Number(digits);
  if (digits === '' || protocol > 0xffff) throw refused(PACKET_FORM, text);
  const address =
    hardware === undefined ? {} : { address: Uint8Array.from(Buffer.from(hardware.replaceAll(':', ''), 'hex')) };
  return { family: 'packet', interface: interfaceOf('address', name, PACKET_FORM, text), protocol, ...address };
}

function parseKnown(text: string): AddressObject | undefined {
  switch (text.slice(0, text.indexOf(':'))) {
    case 'unix': {
      const path = text.slice('unix:'.length);
      return { family: 'unix', path: path.startsWith('@') ? `\0${path.slice(1)}` : path };
    }
    case 'vsock': {
      const [cid, port] = parsePair(text, "'vsock:cid:port'");
      return { family: 'vsock', cid, port };
    }
    case 'netlink': {
      const [pid, groups] = parsePair(text, "'netlink:pid:groups'");
      return { family: 'netlink', pid, groups };
    }
    case 'packet':
      return parsePacket(text);
    case 'can': {
      const form = "'can:can0' or 'can:3', an interface that exists, or 0 for all";
      return { family: 'can', interface: interfaceOf('address', text.slice('can:'.length), form, text) };
    }
    default:
      return undefined;
  }
}

/** The object of a string: see `Address`. Interfaces may be named; the system is asked for their index. */
export function parseAddress(text: string): AddressObject {
  if (typeof text !== 'string') throw wrongType('address', 'a string', text);
  const known = parseKnown(text);
  if (known !== undefined) return known;
  const [, host6, port6] = /^\[([^\]]*)\]:(.*)$/s.exec(text) ?? [];
  if (host6 !== undefined && port6 !== undefined) {
    return withZone(host6, { family: 'inet6', host: host6, port: parsePort(port6, text) });
  }
  const [, host, port] = /^([^:]*):(.*)$/s.exec(text) ?? [];
  if (host !== undefined && port !== undefined && isIPv4(host)) {
    return { family: 'inet', host, port: parsePort(port, text) };
  }
  throw refused(
    "'127.0.0.1:80', '[::1]:80', 'unix:/path', 'unix:@abstract' or 'vsock:2:1024' (names are resolved by node:dns, not here)",
    text,
  );
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

function formatPacket({ interface: index, protocol, address }: Packet): string {
  const hardware = address === undefined ? '' : hex(address).replace(/../g, ':$&');
  return `packet:${index}:0x${protocol.toString(16).padStart(4, '0')}${hardware}`;
}

const PARTS: Readonly<Record<string, readonly [strings: string[], numbers: string[]]>> = {
  inet: [['host'], ['port']],
  inet6: [['host'], ['port']],
  unix: [['path'], []],
  vsock: [[], ['cid', 'port']],
  netlink: [[], ['pid', 'groups']],
  packet: [[], ['interface', 'protocol']],
  can: [[], ['interface']],
};

/** That there is something to write, for callers without types. */
function checkParts(given: unknown): void {
  if (typeof given !== 'object' || given === null) throw wrongType('address', 'an address object', given);
  const address = given as Readonly<Record<string, unknown>>;
  const bytes = 'bytes' in address ? address.bytes : address.family === 'packet' ? address.address : undefined;
  if (('bytes' in address || bytes !== undefined) && !(bytes instanceof Uint8Array))
    throw wrongType('address', 'an address whose bytes are a Uint8Array', bytes);
  const { family } = address;
  if ('bytes' in address) {
    if (typeof family !== 'number') throw wrongType('address.family', 'a number, beside bytes', family);
    return;
  }
  if (typeof family !== 'string') throw wrongType('address.family', 'a string, or a number with bytes', family);
  if (!Object.hasOwn(PARTS, family)) throw wrongValue('address.family', 'a family that has a name', family);
  const [strings, numbers] = PARTS[family] as (typeof PARTS)[string];
  for (const name of strings)
    if (typeof address[name] !== 'string') throw wrongType(`address.${name}`, 'a string', address[name]);
  for (const name of numbers)
    if (typeof address[name] !== 'number') throw wrongType(`address.${name}`, 'a number', address[name]);
  const { scopeId } = address;
  if (scopeId !== undefined && typeof scopeId !== 'number') throw wrongType('address.scopeId', 'a number', scopeId);
}

/** The string of an object, as `parseAddress` takes it; of bytes `family:hex`, which it does not take. */
export function formatAddress(address: AddressObject): string {
  checkParts(address);
  if ('bytes' in address) return `${address.family}:${hex(address.bytes)}`;
  switch (address.family) {
    case 'inet':
      return `${address.host}:${address.port}`;
    case 'inet6':
      return `[${address.host}${address.scopeId ? `%${address.scopeId}` : ''}]:${address.port}`;
    case 'unix':
      return `unix:${address.path.startsWith('\0') ? `@${address.path.slice(1)}` : address.path}`;
    case 'vsock':
      return `vsock:${address.cid}:${address.port}`;
    case 'netlink':
      return `netlink:${address.pid}:${address.groups}`;
    case 'packet':
      return formatPacket(address);
    case 'can':
      return `can:${address.interface}`;
  }
}
