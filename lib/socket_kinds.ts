import { native } from './binding.ts';
import { INT32_MAX, integer, oneOf, wrongType } from './validate.ts';

/** The address family of a socket: a name, or this system's number. */
export type Family = 'inet' | 'inet6' | 'unix' | number;
/** The type of a socket: a name, or this system's number. */
export type SocketType = 'stream' | 'dgram' | 'seqpacket' | 'raw' | number;

/** This system's numbers, read when they are first asked for, since importing must work where the addon does not. */
interface Numbers {
  readonly all: Readonly<Record<string, number>>;
  readonly families: ReadonlyMap<string, number>;
  readonly types: ReadonlyMap<string, number>;
  readonly protocols: ReadonlyMap<string, number>;
}
let numbers: Numbers | undefined;

export function systemNumbers(): Numbers {
  if (numbers !== undefined) return numbers;
  const all = native.constants();
  const pick = (names: Record<string, string>): Map<string, number> =>
    new Map(Object.entries(names).map(([word, constant]) => [word, all[constant] as number]));
  numbers = {
    all,
    families: pick({ inet: 'AF_INET', inet6: 'AF_INET6', unix: 'AF_UNIX' }),
    types: pick({ stream: 'SOCK_STREAM', dgram: 'SOCK_DGRAM', seqpacket: 'SOCK_SEQPACKET', raw: 'SOCK_RAW' }),
    protocols: pick({ tcp: 'IPPROTO_TCP', udp: 'IPPROTO_UDP' }),
  };
  return numbers;
}

/** One of this system's constants. */
export function systemNumber(name: string): number {
  return systemNumbers().all[name] as number;
}

function numberOf(name: string, words: ReadonlyMap<string, number>, value: unknown): number {
  if (typeof value === 'number') return integer(name, value, 0, INT32_MAX);
  if (typeof value !== 'string') throw wrongType(name, 'a string or a number', value);
  return oneOf(name, words, value);
}

function nameOf<Name extends string>(words: ReadonlyMap<string, number>, value: number): Name | number {
  for (const [word, number] of words) if (number === value) return word as Name;
  return value;
}

export function familyNumber(family: unknown): number {
  return numberOf('family', systemNumbers().families, family);
}

export function typeNumber(type: unknown): number {
  return numberOf('type', systemNumbers().types, type);
}

export function protocolNumber(protocol: unknown): number {
  return protocol === undefined ? 0 : numberOf('options.protocol', systemNumbers().protocols, protocol);
}

export function familyName(family: number): Family {
  return nameOf(systemNumbers().families, family);
}

export function typeName(type: number): SocketType {
  return nameOf(systemNumbers().types, type);
}
