import fc from 'fast-check';
import { describe } from 'vitest';
import * as fdpoll from '../../lib/index.ts';
import { anyValue, expectOurs } from '../support/any_value.ts';
import { describeEachBackend } from '../support/backends.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { holds } from '../support/properties.ts';

type Call = (...args: unknown[]) => unknown;

/** The place of a timeout: without one, or with a long one, it would be waited for. */
const TIMEOUTS: ReadonlyMap<string, number> = new Map([
  ['wait', 0],
  ['waitFor', 2],
  ['waitForAll', 3],
]);
const shortly = (name: string, args: readonly unknown[]): unknown[] => {
  const place = TIMEOUTS.get(name);
  if (place === undefined) return [...args];
  const long = args[place] === undefined || (typeof args[place] === 'number' && args[place] > 1);
  return long ? Array.from({ length: place + 1 }, (_, i) => (i === place ? 1 : args[i])) : [...args];
};

const closeAll = (value: unknown): void => {
  if (Array.isArray(value)) for (const each of value) closeAll(each);
  else if (value instanceof fdpoll.Socket || value instanceof fdpoll.Poller) value.close();
};

/** Calls it, and closes what it made. */
const attempt = async (name: string, call: Call, args: unknown[]): Promise<void> => {
  try {
    closeAll(await call(...args));
  } catch (error) {
    expectOurs(error, name);
  }
};

const functions = Object.entries(fdpoll).filter(
  ([name, value]) => typeof value === 'function' && !/^[A-Z]|^(pipe|eventfd|memfd|listenFds)$/.test(name),
) as [string, Call][];
// Bundlers have an order of their own.
functions.sort(([a], [b]) => (a < b ? -1 : 1));

const classes = [fdpoll.Socket, fdpoll.Poller, fdpoll.DatagramBatch] as unknown as (new (
  ...args: unknown[]
) => unknown)[];

const made: readonly (readonly [string, Call])[] = [
  ...functions,
  ...classes.map((each): [string, Call] => [`new ${each.name}`, (...args) => new each(...args)]),
  ...(['listen', 'connect', 'fromFd', 'pair', 'listenAll'] as const).map((name): [string, Call] => [
    `Socket.${name}`,
    (...args) => (fdpoll.Socket[name] as Call)(...args),
  ]),
  ['Waker.from', (value) => fdpoll.Waker.from(value as number)],
];

const methodsOf = (object: object): string[] => {
  const names = new Set<string>();
  for (let at = object; at !== Object.prototype; at = Object.getPrototypeOf(at))
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at)))
      if (typeof value === 'function' && !/^(constructor|close|detach)$/.test(name)) names.add(name);
  return [...names].sort();
};

const args = fc.array(anyValue, { maxLength: 4 });

describe('a function with any arguments', () => {
  checkDescriptorsAfterEachTest();
  holds(
    'answers, or throws an error that has a code',
    fc.asyncProperty(fc.constantFrom(...made), args, async ([name, call], given) => {
      await attempt(name, call, shortly(name, given));
    }),
    3000,
  );
});

describe('a method of a Socket with any arguments', () => {
  checkDescriptorsAfterEachTest();
  const sample = new fdpoll.Socket('inet', 'dgram');
  const methods = methodsOf(sample);
  sample.close();
  holds(
    'answers, or throws an error that has a code',
    fc.asyncProperty(fc.constantFrom(...methods), fc.boolean(), args, async (name, stream, given) => {
      const [a, b] = fdpoll.Socket.pair(stream ? 'stream' : 'dgram');
      try {
        await attempt(`socket.${name}`, (a as unknown as Record<string, Call>)[name]?.bind(a) as Call, given);
      } finally {
        a.close();
        b.close();
      }
    }),
    3000,
  );
});

describeEachBackend('a method of a Poller with any arguments', (backend) => {
  const sample = new fdpoll.Poller({ backend: backend.name });
  const methods = methodsOf(sample);
  sample.close();
  holds(
    'answers, or throws an error that has a code',
    fc.asyncProperty(fc.constantFrom(...methods), args, async (name, given) => {
      using poller = new fdpoll.Poller({ backend: backend.name });
      const call = (poller as unknown as Record<string, Call>)[name]?.bind(poller) as Call;
      await attempt(`poller.${name}`, call, shortly(name, given));
    }),
    1000,
  );
});
