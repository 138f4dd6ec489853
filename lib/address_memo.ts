import { type Address, type AddressObject, encodeAddress, toObject } from './address.ts';
import { native } from './binding.ts';
import { systemNumbers } from './socket_kinds.ts';

// A server answers the same peers again and again: what their addresses look like in the other form is remembered, a
// bounded number of them, so that nobody can fill the memory.
const ENCODED_MAX = 4096;
const DECODED = 1024; // a power of two
const NAMES_AN_INTERFACE = /%|^(?:packet|can):/;
const WORDS = 7; // of a sockaddr_in6; a sockaddr_in has 4

let encoded = 0;
const byText = new Map<string, Uint8Array>();
const byHost = new Map<string, Map<number, Uint8Array>>();

function remember<Key>(map: Map<Key, Uint8Array>, key: Key, bytes: Uint8Array): Uint8Array {
  if (encoded++ >= ENCODED_MAX) {
    encoded = 1;
    byText.clear();
    byHost.clear();
    map.clear();
  }
  map.set(key, bytes);
  return bytes;
}

/**
 * The bytes of a sockaddr, to be read only. By content, not by identity: an object may change, and a received one is
 * new each time. Interfaces are looked up each time, since they come and go.
 * @internal
 */
export function encodedAddress(address: Address): Uint8Array {
  if (typeof address === 'string') {
    const known = byText.get(address);
    if (known !== undefined) return known;
    const bytes = encodeAddress(address);
    return NAMES_AN_INTERFACE.test(address) ? bytes : remember(byText, address, bytes);
  }
  if (typeof address !== 'object' || address === null || !('host' in address)) return encodeAddress(address);
  const { family, host, port, scopeId, flowInfo } = address as Extract<AddressObject, { family: 'inet6' }>;
  if (scopeId || flowInfo) return encodeAddress(address);
  const known = byHost.get(host)?.get(port);
  // 'inet' with an IPv6 host is an error, and stays one.
  if (known !== undefined && (family as string) === (known.length === 16 ? 'inet' : 'inet6')) return known;
  const bytes = encodeAddress({ family, host, port });
  if (host.includes('%')) return bytes;
  let ports = byHost.get(host);
  if (ports === undefined) {
    ports = new Map();
    byHost.set(host, ports);
  }
  return remember(ports, port, bytes);
}

interface Decoded {
  readonly words: Int32Array;
  readonly address: AddressObject;
}
const decoded: (Decoded | undefined)[] = new Array(DECODED).fill(undefined);

function isSame(words: Int32Array, start: number, known: Int32Array): boolean {
  for (let i = 0; i < known.length; i++) if (words[start + i] !== known[i]) return false;
  return true;
}

function decode(bytes: Uint8Array): AddressObject {
  const found = native.decodeAddress(bytes);
  if (typeof found === 'number') throw new RangeError('a sockaddr of this length cannot be');
  return toObject(found, systemNumbers().all);
}

/**
 * The object of a sockaddr of `length` bytes that begins at word `start`; a new one each time, the caller's to change.
 * Undefined for no bytes.
 * @internal
 */
export function decodedAddress(words: Int32Array, start: number, length: number): AddressObject | undefined {
  if (length === 0) return undefined;
  const count = length / 4;
  const inet = count === 4 || count === WORDS;
  if (!inet) return decode(new Uint8Array(words.buffer, words.byteOffset + start * 4, length));
  let hash = 0;
  for (let i = 0; i < count; i++) hash = Math.imul(hash ^ (words[start + i] as number), 0x9e3779b1);
  const slot = (hash ^ (hash >>> 15)) & (DECODED - 1);
  const known = decoded[slot];
  if (known !== undefined && known.words.length === count && isSame(words, start, known.words)) {
    return { ...known.address };
  }
  const address = decode(new Uint8Array(words.buffer, words.byteOffset + start * 4, length));
  // Others may hold memory of their own, which a copy would share.
  if (!('host' in address)) return address;
  decoded[slot] = { words: words.slice(start, start + count), address };
  return { ...address };
}
