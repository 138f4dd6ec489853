import { dataOf, inRange, LITTLE_ENDIAN, type OptionType, unsignedOf } from './option_numbers.ts';
import { booleanOf, viewOf, wrongType, wrongValue } from './validate.ts';

/** A property of the value itself: what somebody hung on Object.prototype is none. */
export function own(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}

export function objectOf(takes: string, value: unknown): object {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) throw wrongType('value', takes, value);
  return value;
}

type Kind = 'flag' | 'int32' | 'uint32' | 'uint16' | 'uint8' | 'uint64';

interface Field {
  readonly bytes: number;
  put(data: DataView, offset: number, name: string, value: unknown): void;
  get(data: DataView, offset: number): boolean | number | bigint;
}

const ranged = (name: string, value: unknown, least: number, most: number): number =>
  inRange(name, 'of the struct', value, least, most);

const FIELDS: Readonly<Record<Kind, Field>> = {
  flag: {
    bytes: 4,
    put: (data, offset, name, value) => data.setInt32(offset, booleanOf(name, value) ? 1 : 0, LITTLE_ENDIAN),
    get: (data, offset) => data.getInt32(offset, LITTLE_ENDIAN) !== 0,
  },
  int32: {
    bytes: 4,
    put: (data, offset, name, value) =>
      data.setInt32(offset, ranged(name, value, -(2 ** 31), 2 ** 31 - 1), LITTLE_ENDIAN),
    get: (data, offset) => data.getInt32(offset, LITTLE_ENDIAN),
  },
  uint32: {
    bytes: 4,
    put: (data, offset, name, value) => data.setUint32(offset, ranged(name, value, 0, 2 ** 32 - 1), LITTLE_ENDIAN),
    get: (data, offset) => data.getUint32(offset, LITTLE_ENDIAN),
  },
  uint16: {
    bytes: 2,
    put: (data, offset, name, value) => data.setUint16(offset, ranged(name, value, 0, 65535), LITTLE_ENDIAN),
    get: (data, offset) => data.getUint16(offset, LITTLE_ENDIAN),
  },
  uint8: {
    bytes: 1,
    put: (data, offset, name, value) => data.setUint8(offset, ranged(name, value, 0, 255)),
    get: (data, offset) => data.getUint8(offset),
  },
  uint64: {
    bytes: 8,
    put: (data, offset, name, value) =>
      data.setBigUint64(offset, BigInt(ranged(name, value, 0, Number.MAX_SAFE_INTEGER)), LITTLE_ENDIAN),
    get: (data, offset) => data.getBigUint64(offset, LITTLE_ENDIAN),
  },
};

/** A struct of numbers, one after another. What an older kernel does not return is left out. */
export function struct(fields: Readonly<Record<string, Kind>>): OptionType {
  const placed: [name: string, field: Field, offset: number][] = [];
  let size = 0;
  for (const [name, kind] of Object.entries(fields)) {
    const field = FIELDS[kind];
    size = Math.ceil(size / field.bytes) * field.bytes;
    placed.push([name, field, size]);
    size += field.bytes;
  }
  const takes = `{ ${placed.map(([name]) => name).join(', ')} }`;
  return {
    takes,
    size,
    decode: (bytes) => {
      const data = dataOf(bytes);
      const known = placed.filter(([, field, offset]) => offset + field.bytes <= bytes.length);
      return Object.fromEntries(known.map(([name, field, offset]) => [name, field.get(data, offset)]));
    },
    encode: (value) => {
      const object = objectOf(takes, value);
      const bytes = Buffer.alloc(size);
      for (const [name, field, offset] of placed) field.put(dataOf(bytes), offset, `value.${name}`, own(object, name));
      return bytes;
    },
  };
}

export const linger: OptionType = struct({ on: 'flag', seconds: 'int32' });
export const credentials: OptionType = struct({ pid: 'int32', uid: 'uint32', gid: 'uint32' });

/** Numbers of 32 bits in a row: groups, most often. */
export const list: OptionType = {
  takes: 'a list of numbers',
  size: 4096,
  decode: (bytes) => Array.from({ length: bytes.length >> 2 }, (_, i) => unsignedOf(bytes.subarray(i * 4, i * 4 + 4))),
  encode: (value) => {
    throw wrongType('value', 'nothing', value);
  },
};

/** The bits that are set, bit 0 as `first`: Netlink's groups count from 1. */
export const groupList: OptionType = {
  ...list,
  size: 1024,
  decode: (bytes) => {
    const numbers = list.decode(bytes) as number[];
    return numbers.flatMap((word, i) =>
      Array.from({ length: 32 }, (_, bit) => bit)
        .filter((bit) => (word >>> bit) & 1)
        .map((bit) => i * 32 + bit + 1),
    );
  },
};

const CAN_FILTERS_MAX = 512;

const canFilter = struct({ id: 'uint32', mask: 'uint32' });

/** struct can_filter[] */
export const canFilters: OptionType = {
  takes: 'a list of { id, mask }',
  size: CAN_FILTERS_MAX * 8,
  decode: (bytes) =>
    Array.from({ length: bytes.length >> 3 }, (_, i) => canFilter.decode(bytes.subarray(i * 8, i * 8 + 8))),
  encode: (value) => {
    if (!Array.isArray(value)) throw wrongType('value', 'a list of { id, mask }', value);
    if (value.length > CAN_FILTERS_MAX) throw wrongValue('value', `at most ${CAN_FILTERS_MAX} filters`, value.length);
    return Buffer.concat(value.map((each: unknown) => canFilter.encode(each) as Buffer));
  },
};

/** A word of 32 bits: the lowest port below, the highest above; both 0 for the system's own range. */
export const portRange: OptionType = {
  takes: '{ low, high }',
  size: 4,
  decode: (bytes) => {
    const both = unsignedOf(bytes);
    return { low: both & 0xffff, high: both >>> 16 };
  },
  encode: (value) => {
    const object = objectOf('{ low, high }', value);
    const [low, high] = ['low', 'high'].map((name) =>
      inRange(`value.${name}`, 'a port', own(object, name), 0, 65535),
    ) as [number, number];
    const bytes = Buffer.alloc(4);
    dataOf(bytes).setUint32(0, low + high * 65536, LITTLE_ENDIAN);
    return bytes;
  },
};

const PACKET_KINDS: ReadonlyMap<unknown, number> = new Map([
  ['multicast', 0],
  ['promiscuous', 1],
  ['allmulti', 2],
  ['unicast', 3],
]);

/** struct packet_mreq; `interfaceOf` reads an index or a name. */
export function packetMembership(interfaceOf: (name: string, value: unknown) => number): OptionType {
  const takes = "{ interface, type: 'multicast' | 'promiscuous' | 'allmulti' | 'unicast', address? }";
  return {
    takes,
    size: 16,
    decode: (bytes) => bytes,
    encode: (value) => {
      const object = objectOf(takes, value);
      const type = own(object, 'type');
      const number = PACKET_KINDS.get(type) ?? type;
      if (typeof number === 'string') throw wrongValue('value.type', takes, type);
      const address = own(object, 'address');
      const view = address === undefined ? Buffer.alloc(0) : viewOf('value.address', address);
      if (view.byteLength > 8) throw wrongValue('value.address', 'at most 8 bytes', view);
      const bytes = Buffer.alloc(16);
      const data = dataOf(bytes);
      data.setInt32(0, interfaceOf('value.interface', own(object, 'interface')), LITTLE_ENDIAN);
      FIELDS.uint16.put(data, 4, 'value.type', number);
      data.setUint16(6, view.byteLength, LITTLE_ENDIAN);
      bytes.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), 8);
      return bytes;
    },
  };
}

/** The kernel looks at the length alone: ALG_SET_AEAD_AUTHSIZE. */
export const lengthAlone: OptionType = {
  takes: 'an integer from 0 to 64',
  size: 0,
  decode: (bytes) => bytes.length,
  encode: (value) => Buffer.alloc(inRange('value', 'an integer', value, 0, 64)),
};
