import { native } from './binding.ts';

let table: Readonly<Record<string, number>> | undefined;

/** This system's numbers, asked for once, when they are first used: importing must work where the addon does not. */
export function systemConstants(): Readonly<Record<string, number>> {
  table ??= Object.freeze(Object.assign(Object.create(null), native.constants()) as Record<string, number>);
  return table;
}

// util.inspect.custom, without loading what has it.
const custom: symbol = Symbol.for('nodejs.util.inspect.custom');

/** `console.log` looks at the target of a proxy, not through it. */
const shown: object = Object.defineProperty({}, custom, { value: () => ({ ...systemConstants() }) });

/**
 * This system's own numbers by name: `SO_*`, `MSG_*`, `AF_*`, `IPPROTO_*` and their like, as its C headers define
 * them. What the system lacks is `undefined`. Frozen.
 */
export const constants: Readonly<Record<string, number>> = new Proxy<Record<string, number>>(
  Object.create(shown) as Record<string, number>,
  {
    get: (_, name) => Reflect.get(systemConstants(), name),
    has: (_, name) => Reflect.has(systemConstants(), name),
    ownKeys: () => Reflect.ownKeys(systemConstants()),
    // Configurable, as a proxy must say of what its target does not have.
    getOwnPropertyDescriptor: (_, name) => {
      const value = Reflect.get(systemConstants(), name) as number | undefined;
      return value === undefined ? undefined : { value, enumerable: true, writable: false, configurable: true };
    },
    set: () => false,
    defineProperty: () => false,
    deleteProperty: () => false,
    setPrototypeOf: () => false,
    preventExtensions: () => false,
    getPrototypeOf: () => null,
  },
);
