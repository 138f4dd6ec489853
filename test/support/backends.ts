import { describe, onTestFinished } from 'vitest';
import {
  type BackendInfo,
  type BackendName,
  backends,
  ERROR,
  Poller,
  READ_CLOSED,
  WRITE_CLOSED,
} from '../../lib/index.ts';
import { checkDescriptorsAfterEachTest } from './descriptors.ts';
import { type BackendKind, type Behaviour, differences } from './differences.ts';

export interface BackendUnderTest {
  readonly name: BackendName;
  readonly kind: BackendKind;
  readonly info: BackendInfo;
  /** A poller on this backend that is closed when the test ends. */
  poller<T = unknown>(maxEvents?: number): Poller<T>;
  /** Why this backend does not do it, or undefined where it does: then the test asserts what it does instead. */
  differs(behaviour: Behaviour): string | undefined;
  /** Of these flags, the ones that this backend can report. */
  sees(flags: number): number;
}

const kindOf = (name: BackendName): BackendKind =>
  name === 'kqueue' && process.platform === 'linux' ? 'libkqueue' : name;

const underTest = (info: BackendInfo): BackendUnderTest => {
  const kind = kindOf(info.name);
  const differs = (behaviour: Behaviour): string | undefined =>
    differences[kind].find(
      (difference) => difference.behaviour === behaviour && (difference.systems?.includes(process.platform) ?? true),
    )?.reason;
  const unseen =
    (differs('read-closed flag') ? READ_CLOSED : 0) |
    (differs('write-closed flag') ? WRITE_CLOSED : 0) |
    (differs('error flag') ? ERROR : 0);
  return {
    name: info.name,
    kind,
    info,
    differs,
    sees: (flags) => flags & ~unseen,
    poller: <T>(maxEvents?: number) => {
      const poller = new Poller<T>({ backend: info.name, ...(maxEvents === undefined ? {} : { maxEvents }) });
      onTestFinished(() => poller.close());
      return poller;
    },
  };
};

/** The usable backends, or only the one that FDPOLL_TEST_BACKEND names. */
export const backendsUnderTest = (): BackendUnderTest[] => {
  const usable = backends().filter((info) => info.usable);
  const forced = process.env.FDPOLL_TEST_BACKEND;
  if (!forced) return usable.map(underTest);
  const chosen = usable.filter((info) => info.name === forced);
  if (chosen.length === 0) {
    const exist = usable.map((info) => info.name).join(', ');
    throw new Error(`FDPOLL_TEST_BACKEND=${forced} is not usable here; usable are ${exist}`);
  }
  return chosen.map(underTest);
};

/** One suite for every backend. No test of it may leave a descriptor open, or close one that is not its own. */
export const describeEachBackend = (title: string, body: (backend: BackendUnderTest) => void): void => {
  describe.each(backendsUnderTest())(`${title}, on $kind`, (backend) => {
    checkDescriptorsAfterEachTest();
    body(backend);
  });
};
