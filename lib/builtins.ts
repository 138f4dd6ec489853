// Node's modules that are asked for when they are used, not by an import. That of node:fs makes a namespace of all that it
// has, which loads its streams, too; node:net, node:stream and node:worker_threads bring what nobody may need. Together they took a
// third of the time that loading this library takes.

import type { Duplex } from 'node:stream';

/** A module of Node. There is no such function in what is too old for this library: see `oldNode`. */
export const builtin: typeof process.getBuiltinModule = (id: string) => process.getBuiltinModule(id as 'node:fs');

let net: typeof import('node:net') | undefined;

/** As that of node:net. */
export function isIPv4(text: string): boolean {
  net ??= builtin('node:net');
  return net.isIPv4(text);
}

/** As that of node:net: with or without a zone. */
export function isIPv6(text: string): boolean {
  net ??= builtin('node:net');
  return net.isIPv6(text);
}

/** What a class of streams extends until the first one is made: see `beDuplex`. */
export const LateDuplex: typeof Duplex = class {} as typeof Duplex;

/** Gives a class that extends `LateDuplex` its base, Node's Duplex. To be called before each stream that is made. */
export function beDuplex(derived: { readonly prototype: Duplex }): void {
  if (Object.getPrototypeOf(derived) !== LateDuplex) return;
  const base = builtin('node:stream').Duplex;
  Object.setPrototypeOf(derived, base);
  Object.setPrototypeOf(derived.prototype, base.prototype);
}
