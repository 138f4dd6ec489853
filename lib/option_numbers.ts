import { endianness } from 'node:os';
import { type Bytes, type Descriptor, fdOf, outOfRange, viewOf, wrongType, wrongValue } from './validate.ts';

/** How the value of an option goes to the kernel and comes back. */
export interface OptionType {
  /** What a value is, in words: for errors and the documentation. */
  readonly takes: string;
  /** How many bytes to ask for. */
  readonly size: number;
  /** Of exactly what the kernel returned, which may be less than asked for. */
  decode(bytes: Buffer): unknown;
  /** An int, or the bytes of something else. Throws what is wrong with the value. */
  encode(value: unknown): number | Bytes;
  /** The level where the value decides, as for groups of both IP families. */
  level?(value: unknown): string;
}

export const LITTLE_ENDIAN: boolean = endianness() === 'LE';
/** sizeof(long), which timeval and a few others are made of. */
export const LONG_BYTES: number = ['ia32', 'arm', 'mips', 'mipsel', 'ppc', 's390'].includes(process.arch) ? 4 : 8;
const UINT32_MAX = 0xffffffff;
const UINT64_MAX = 0xffff_ffff_ffff_ffffn;

export function dataOf(bytes: Bytes): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The integer that these bytes are: some systems return a byte where others return an int. */
export function signedOf(bytes: Buffer): number {
  const data = dataOf(bytes);
  if (bytes.length >= 8) return Number(data.getBigInt64(0, LITTLE_ENDIAN));
  if (bytes.length >= 4) return data.getInt32(0, LITTLE_ENDIAN);
  if (bytes.length >= 2) return data.getInt16(0, LITTLE_ENDIAN);
  return bytes.length === 1 ? data.getUint8(0) : 0;
}

export function unsignedOf(bytes: Buffer): number {
  const number = signedOf(bytes.subarray(0, 4));
  return bytes.length >= 4 ? number >>> 0 : number & 0xffff;
}

export function uint32Bytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  dataOf(bytes).setUint32(0, value, LITTLE_ENDIAN);
  return bytes;
}

/** A number of an option or of a field of its object. */
export function inRange(name: string, takes: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number') throw wrongType(name, `a number (${takes})`, value);
  if (!Number.isInteger(value) || value < least || value > most)
    throw outOfRange(name, `an integer >= ${least} and <= ${most}`, value);
  return value;
}

/** An int that is used as yes or no. */
export const flag: OptionType = {
  takes: 'a boolean',
  size: 4,
  decode: (bytes) => signedOf(bytes) !== 0,
  encode: (value) => {
    if (typeof value !== 'boolean') throw wrongType('value', 'a boolean', value);
    return value ? 1 : 0;
  },
};

/** The BSDs have a byte where Linux takes either. */
export const byteFlag: OptionType = { ...flag, encode: (value) => Buffer.of(flag.encode(value) as number) };

/** An int; `of` names its unit or meaning. */
export function int(of = 'an integer', least: number = -(2 ** 31), most: number = 2 ** 31 - 1): OptionType {
  return {
    takes: of,
    size: 4,
    decode: signedOf,
    encode: (value) => inRange('value', of, value, least, most),
  };
}

/** A number from 0 to 255, sent as one byte. */
export const byte: OptionType = { ...int('an integer from 0 to 255', 0, 255), encode: byteOf };

function byteOf(value: unknown): Bytes {
  return Buffer.of(inRange('value', 'an integer from 0 to 255', value, 0, 255));
}

export function uint32(of = 'an integer >= 0'): OptionType {
  return {
    takes: of,
    size: 4,
    decode: unsignedOf,
    encode: (value) => uint32Bytes(inRange('value', of, value, 0, UINT32_MAX)),
  };
}

/** Comes back as a bigint, since it may be more than a number holds exactly; a number is taken too. */
export function uint64(of = 'a bigint or an integer >= 0', width = 8): OptionType {
  return {
    takes: of,
    size: 8,
    decode: (bytes) => (bytes.length < 8 ? BigInt(unsignedOf(bytes)) : dataOf(bytes).getBigUint64(0, LITTLE_ENDIAN)),
    encode: (value) => {
      if (typeof value !== 'bigint' && typeof value !== 'number') throw wrongType('value', of, value);
      const most = width === 8 ? UINT64_MAX : BigInt(UINT32_MAX);
      if ((typeof value === 'number' && !Number.isSafeInteger(value)) || value < 0 || BigInt(value) > most)
        throw outOfRange('value', `an integer >= 0 and <= ${most}`, value);
      if (width === 4) return uint32Bytes(Number(value));
      const bytes = Buffer.alloc(8);
      dataOf(bytes).setBigUint64(0, BigInt(value), LITTLE_ENDIAN);
      return bytes;
    },
  };
}

/** Words that stand for numbers; other numbers go through as they are. */
export function words(numbers: Readonly<Record<string, number>>): OptionType {
  const known = new Map(Object.entries(numbers));
  const takes = `${[...known.keys()].map((word) => `'${word}'`).join(', ')} or a number`;
  return {
    takes,
    size: 4,
    decode: (bytes) => {
      const number = signedOf(bytes);
      return [...known].find(([, value]) => value === number)?.[0] ?? number;
    },
    encode: (value) => {
      if (typeof value === 'number') return int().encode(value);
      if (typeof value !== 'string') throw wrongType('value', takes, value);
      const number = known.get(value);
      if (number === undefined) throw wrongValue('value', takes, value);
      return number;
    },
  };
}

/** Text without the NUL that ends it. */
export function text(size: number, of = 'a string'): OptionType {
  return {
    takes: of,
    size,
    decode: (bytes) => {
      const end = bytes.indexOf(0);
      return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
    },
    encode: (value) => {
      if (typeof value !== 'string') throw wrongType('value', of, value);
      if (value.includes('\0')) throw wrongValue('value', 'a string without NUL', value);
      return Buffer.from(`${value}\0`);
    },
  };
}

/** Bytes as the kernel has them. */
export function raw(of: string, size = 4096): OptionType {
  const takes = `bytes: ${of}`;
  return { takes, size, decode: (bytes) => bytes, encode: (value) => viewOf('value', value) };
}

/** Another descriptor: a number or an object that has one. */
export const descriptor: OptionType = { ...int('a descriptor'), encode: (value) => fdOf(value as Descriptor) };

/** A struct timeval. 0 is for ever, as the kernel has it. */
export const timeval: OptionType = {
  takes: 'milliseconds, fractions allowed; 0 is no limit',
  size: 16,
  decode: (bytes) => {
    const half = bytes.length / 2;
    return signedOf(bytes.subarray(0, half)) * 1000 + signedOf(bytes.subarray(half)) / 1000;
  },
  encode: (value) => {
    if (typeof value !== 'number') throw wrongType('value', 'milliseconds', value);
    if (!(value >= 0 && value <= 2 ** 31 * 1000 - 1))
      throw outOfRange('value', 'milliseconds >= 0, below 2^31 seconds', value);
    const microseconds = Math.ceil(value * 1000);
    const width = process.platform === 'linux' ? LONG_BYTES : 8;
    const bytes = Buffer.alloc(2 * width);
    const fields = [Math.floor(microseconds / 1e6), microseconds % 1e6];
    for (const [i, field] of fields.entries()) {
      if (width === 4) dataOf(bytes).setInt32(i * 4, field, LITTLE_ENDIAN);
      else dataOf(bytes).setBigInt64(i * 8, BigInt(field), LITTLE_ENDIAN);
    }
    return bytes;
  },
};
