import { INTEREST } from './constants.ts';

/** A number, or anything that carries one: a Socket, a Poller, a FileHandle of node:fs. */
export type Descriptor = number | { readonly fd: number };
/** Any typed array, Buffer or DataView. */
export type Bytes = ArrayBufferView;

export const INT32_MAX = 0x7fffffff;
export const UINT32_MAX = 0xffffffff;

function shown(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value === 'object') return `an instance of ${value.constructor?.name ?? 'Object'}`;
  const text = typeof value === 'string' ? `'${value}'` : String(value);
  return `type ${typeof value} (${text.length > 40 ? `${text.slice(0, 40)}...` : text})`;
}

type Coded<E extends Error> = E & { code: string };

export function wrongType(name: string, expected: string, value: unknown): Coded<TypeError> {
  const error = new TypeError(`"${name}" must be ${expected}. Received ${shown(value)}`);
  return Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' });
}

export function wrongValue(name: string, expected: string, value: unknown): Coded<TypeError> {
  const error = new TypeError(`"${name}" must be ${expected}. Received ${shown(value)}`);
  return Object.assign(error, { code: 'ERR_INVALID_ARG_VALUE' });
}

export function outOfRange(name: string, expected: string, value: unknown): Coded<RangeError> {
  const error = new RangeError(`"${name}" must be ${expected}. Received ${String(value)}`);
  return Object.assign(error, { code: 'ERR_OUT_OF_RANGE' });
}

export function integer(name: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number') throw wrongType(name, 'a number', value);
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value);
  if (value < least || value > most) throw outOfRange(name, `>= ${least} and <= ${most}`, value);
  return value;
}

export function booleanOf(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw wrongType(name, 'a boolean', value);
  return value;
}

export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw wrongType(name, 'a function', value);
}

/** The number of a descriptor, whatever it is, for calls where a negative one has an answer: `undefined` for none. */
export function maybeFd(descriptor: Descriptor): number {
  const fd: unknown = typeof descriptor === 'object' && descriptor !== null ? descriptor.fd : descriptor;
  if (typeof fd !== 'number') throw wrongType('descriptor', 'a number or an object with a numeric "fd"', descriptor);
  return fd;
}

/** The number of a descriptor: an integer from 0 to 2^31 - 1. */
export function fdOf(descriptor: Descriptor): number {
  const fd = maybeFd(descriptor);
  if ((fd | 0) === fd && fd >= 0) return fd;
  if (typeof descriptor === 'object') {
    throw outOfRange('descriptor.fd', 'a descriptor, an integer >= 0 (-1 is that of a closed object)', fd);
  }
  throw outOfRange('descriptor', `a descriptor, an integer >= 0 and <= ${INT32_MAX}`, fd);
}

export function interestOf(interest: unknown): number {
  if (typeof interest !== 'number') throw wrongType('interest', 'a number', interest);
  if ((interest & INTEREST) !== interest) {
    throw outOfRange('interest', 'a combination of READABLE, WRITABLE and PRIORITY, or 0', interest);
  }
  return interest;
}

/** Milliseconds, fractions allowed; <= 0 only looks, Infinity waits for ever. */
export function timeoutOf(timeout: unknown): number {
  if (typeof timeout !== 'number') throw wrongType('timeout', 'a number of milliseconds', timeout);
  if (Number.isNaN(timeout)) throw outOfRange('timeout', 'a number of milliseconds', timeout);
  return timeout;
}

export function viewOf(name: string, value: unknown): Bytes {
  if (!ArrayBuffer.isView(value)) throw wrongType(name, 'a Buffer, TypedArray or DataView', value);
  return value;
}

/** A copy that inherits nothing: what is absent is not looked for on Object.prototype. */
export function bare<T extends object>(given: T): T {
  return Object.assign(Object.create(null), given);
}

/** What was not given inherits nothing: whatever somebody hung on Object.prototype is no option of who gave none. */
const NOTHING: object = Object.freeze(Object.create(null));

/** An options object, or an empty one. What it inherits counts, as with Node's own. */
export function optionsOf<T extends object>(options: T | undefined): T {
  if (options === undefined) return NOTHING as T;
  if (typeof options !== 'object' || options === null) throw wrongType('options', 'an object', options);
  return options;
}

/** One of the words that an option takes, as the number that stands for it. */
export function oneOf(name: string, words: ReadonlyMap<string, number>, value: unknown): number {
  if (typeof value !== 'string') throw wrongType(name, 'a string', value);
  const number = words.get(value);
  if (number === undefined) {
    throw wrongValue(name, `one of ${Array.from(words.keys(), (word) => `'${word}'`).join(', ')}`, value);
  }
  return number;
}

/** What a transfer may be told; the addon knows the buffer and checks the range. */
export function isPart(offset: number, length: number | undefined, flags: number): boolean {
  return (
    Number.isSafeInteger(offset) &&
    (length === undefined || (Number.isSafeInteger(length) && length >= 0)) &&
    Number.isSafeInteger(flags) &&
    flags >= 0 &&
    flags <= INT32_MAX
  );
}
