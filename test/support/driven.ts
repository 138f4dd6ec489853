import { describe, expect, onTestFinished } from 'vitest';
import { type Descriptor, type Event, type Events, Poller } from '../../lib/index.ts';
import { type BackendUnderTest, backendsUnderTest } from './backends.ts';
import { checkDescriptorsAfterEachTest } from './descriptors.ts';
import { fdOf, flagNames } from './expect.ts';
import { hostingsUnderTest } from './hosted.ts';

/** A poller, and what makes it report: its own `wait`, or the event loop in one of the ways in which it is hosted. */
export interface Driven<T> {
  readonly poller: Poller<T>;
  /** What `look` returns of the next batch that has events, inside of it: before anything else is collected. */
  inside<R>(look: (events: Events<T>) => R): Promise<R>;
  /** The events of the next batch that has some. */
  next(): Promise<Event<T>[]>;
  /** Those of the next batch with events or a wake-up; then what `woken` says. */
  nextWoken(): Promise<[events: number, woken: boolean]>;
  /** What there is now: nothing within 30 ms, or so many. */
  expectNothing(ms?: number): Promise<void>;
}

export interface DriverUnderTest extends Omit<BackendUnderTest, 'poller'> {
  readonly driver: string;
  driven<T = unknown>(maxEvents?: number): Driven<T>;
}

const QUIET = 30;
const LONG = 5000;

const blocking = (backend: BackendUnderTest): DriverUnderTest => ({
  ...backend,
  driver: 'wait',
  driven: <T>(maxEvents?: number) => {
    const poller = backend.poller<T>(maxEvents);
    const inside = async <R>(look: (events: Events<T>) => R): Promise<R> => {
      const events = poller.wait(LONG);
      expect(events.length, 'events within five seconds').toBeGreaterThan(0);
      return look(events);
    };
    return {
      poller,
      inside,
      next: () => inside((events) => [...events]),
      nextWoken: async () => {
        const events = poller.wait(LONG);
        return [events.length, events.woken];
      },
      expectNothing: async (ms = QUIET) => {
        const start = performance.now();
        const events = poller.wait(ms);
        expect([...events]).toEqual([]);
        expect(events.woken).toBe(false);
        expect(performance.now() - start, 'a wait without events lasts its time').toBeGreaterThanOrEqual(ms);
      },
    };
  },
});

const hosted = (host: ReturnType<typeof hostingsUnderTest>[number]): DriverUnderTest => ({
  ...host,
  driver: host.hosting,
  driven: <T>(maxEvents = 1024) => {
    const poller = new Poller<T>({ backend: host.name, hosting: host.hosting, maxEvents });
    onTestFinished(() => poller.close());
    let started = false;
    let goOn = (): void => {};
    let tell: ((events: Events<T>) => void) | undefined;
    // A batch that came while nobody asked.
    let began: Events<T> | undefined;
    // The promise that it returns holds the next batch back until somebody asks for it.
    const called = (events: Events<T>): Promise<void> => {
      began = events;
      tell?.(events);
      return new Promise((resolve) => {
        goOn = resolve;
      });
    };
    /** What `look` returns inside of the next callback, or undefined when the time is over: it is called by then or never. */
    const within = <R>(ms: number, look: (events: Events<T>) => R): Promise<{ seen: R } | undefined> =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          tell = undefined;
          resolve(undefined);
        }, ms);
        tell = (events) => {
          clearTimeout(timer);
          tell = undefined;
          began = undefined;
          try {
            resolve({ seen: look(events) });
          } catch (error) {
            reject(error);
          }
        };
        if (began) tell(began);
        else if (started) goOn();
        else {
          started = true;
          poller.start(called);
        }
      });
    const asked = async <R>(look: (events: Events<T>) => R): Promise<R> => {
      const answer = await within(LONG, look);
      return answer ? answer.seen : expect.fail('no event within five seconds');
    };
    const inside = <R>(look: (events: Events<T>) => R): Promise<R> =>
      asked((events) => {
        expect(events.length, 'events in a batch').toBeGreaterThan(0);
        return look(events);
      });
    return {
      poller,
      inside,
      next: () => inside((events) => [...events]),
      nextWoken: () => asked((events) => [events.length, events.woken]),
      expectNothing: async (ms = QUIET) =>
        expect(await within(ms, (events) => [[...events], events.woken])).toBe(undefined),
    };
  },
});

/** Every backend, waited for and hosted in every way. */
export const driversUnderTest = (): DriverUnderTest[] => [
  ...backendsUnderTest().map(blocking),
  ...hostingsUnderTest().map(hosted),
];

/** Each of these descriptors is told, with exactly these flags, in one batch or in several; and no other. */
export const expectTold = async (
  driven: Driven<unknown>,
  ...expected: readonly (readonly [Descriptor, number])[]
): Promise<void> => {
  const seen = new Map<number, number>();
  while (seen.size < expected.length) for (const { fd, flags } of await driven.next()) seen.set(fd, flags);
  const inWords = (flags: Iterable<readonly [number, number]>) => [...flags].map((e) => `${e[0]} ${flagNames(e[1])}`);
  expect(inWords(seen).sort()).toEqual(inWords(expected.map(([of, flags]) => [fdOf(of), flags])).sort());
};

/** The next event is the only one of its batch, has this label, and these flags. */
export const expectLabel = async <T>(driven: Driven<T>, label: T, flags: number): Promise<void> => {
  const events = (await driven.next()).map((event) => [event.data, flagNames(event.flags)]);
  expect(events).toEqual([[label, flagNames(flags)]]);
};

/** One suite for all of them. No test of it may leave a descriptor open. */
export const describeEachDriver = (title: string, body: (driver: DriverUnderTest) => void): void => {
  describe.each(driversUnderTest())(`${title}, on $kind, by $driver`, (driver) => {
    checkDescriptorsAfterEachTest();
    body(driver);
  });
};
