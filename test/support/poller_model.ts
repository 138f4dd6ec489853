import { closeSync } from 'node:fs';
import { expect } from 'vitest';
import {
  close,
  ERROR,
  type Events,
  FdError,
  type Mode,
  Poller,
  READ_CLOSED,
  READABLE,
  WRITABLE,
  WRITE_CLOSED,
} from '../../lib/index.ts';
import type { BackendUnderTest } from './backends.ts';
import { flagNames, thrownBy } from './expect.ts';
import type { FileModel } from './file_model.ts';

interface Registration {
  file: FileModel;
  interest: number;
  mode: Mode;
  label: number;
  /** A one-shot that has fired. */
  spent: boolean;
  /** What has come up since it was told last: flags that an edge has to tell. */
  news: number;
  /** Its descriptor was closed behind the poller's back: what comes of it is no promise, but never another's label. */
  tainted: boolean;
}

const ALL = READABLE | WRITABLE | READ_CLOSED | WRITE_CLOSED | ERROR;

const isEdge = (mode: Mode): boolean => mode === 'edge' || mode === 'edge-oneshot';
const isOneShot = (mode: Mode): boolean => mode === 'oneshot' || mode === 'edge-oneshot';

/** 'ok', or the code of what was thrown. */
const outcomeOf = (call: () => unknown): string => {
  try {
    call();
    return 'ok';
  } catch (error) {
    expect(error).toBeInstanceOf(FdError);
    return (error as FdError).code;
  }
};

/** A poller, and beside it what it has to say. */
export class PollerModel {
  readonly backend: BackendUnderTest;
  /** The descriptors that are open, in the order of opening. */
  readonly open: Map<number, FileModel> = new Map();
  readonly #registrations: Map<number, Registration> = new Map();
  #poller: Poller<number>;
  #batch: Events<number> | undefined;
  #labels = 0;
  #woken = false;

  constructor(backend: BackendUnderTest) {
    this.backend = backend;
    this.#poller = new Poller({ backend: backend.name });
  }

  /** What is registered and was closed behind the poller's back, where the number is nobody's yet. */
  gone(): number[] {
    return [...this.#registrations.keys()].filter((fd) => !this.open.has(fd));
  }

  /** Something has happened to a file: these flags came up. */
  touch(file: FileModel | undefined, flags: number): void {
    for (const registration of this.#registrations.values()) if (registration.file === file) registration.news |= flags;
  }

  /** These numbers have left every poller of the thread. */
  leave(...fds: readonly number[]): void {
    for (const fd of fds) this.#registrations.delete(fd);
  }

  add(fd: number, interest: number, mode: Mode): void {
    const label = this.#labels++;
    const [file, old] = [this.open.get(fd), this.#registrations.get(fd)];
    const result = outcomeOf(() => this.#poller.add(fd, interest, { mode, data: label }));
    const allowed = this.#resultsOfAdd(file, old, mode);
    expect(allowed, `add of ${fd}`).toContain(result);
    if (result !== 'ok' || file === undefined) return;
    this.#registrations.set(fd, { file, interest, mode, label, spent: false, news: ALL, tainted: false });
  }

  #resultsOfAdd(file: FileModel | undefined, old: Registration | undefined, mode: Mode): string[] {
    if (isEdge(mode) && this.backend.differs('edge mode')) return ['ENOTSUP'];
    if (old !== undefined && !old.tainted) return ['EEXIST'];
    if (file === undefined) return ['EBADF'];
    // A file that looks the same is taken for the one that was registered.
    return old?.file.identity === file.identity ? ['ok', 'EEXIST'] : ['ok'];
  }

  modify(fd: number, interest: number, mode: Mode | undefined, relabel: boolean): void {
    const label = this.#labels++;
    const registration = this.#registrations.get(fd);
    const options = { ...(mode === undefined ? {} : { mode }), ...(relabel ? { data: label } : {}) };
    const result = outcomeOf(() => this.#poller.modify(fd, interest, options));
    expect(this.#resultsOfModify(registration, mode), `modify of ${fd}`).toContain(result);
    if (result !== 'ok' || registration === undefined) return;
    if (relabel) registration.label = label;
    // One that looks the same is watched from now on.
    registration.file = this.open.get(fd) ?? registration.file;
    const wanted = mode ?? registration.mode;
    const nothing = wanted === 'level' && registration.mode === 'level' && interest === registration.interest;
    Object.assign(registration, { interest, mode: wanted, spent: false, news: nothing ? registration.news : ALL });
  }

  #resultsOfModify(registration: Registration | undefined, mode: Mode | undefined): string[] {
    if (registration === undefined) return ['ENOENT'];
    if (mode !== undefined && isEdge(mode) && this.backend.differs('edge mode')) return ['ENOTSUP'];
    return registration.tainted ? ['ok', 'EBADF', 'ENOENT'] : ['ok'];
  }

  delete(fd: number): void {
    expect(this.#poller.delete(fd), `delete of ${fd}`).toBe(this.#registrations.delete(fd));
    const place = this.#batch?.fds.subarray(0, this.#batch.length).indexOf(fd) ?? -1;
    if (place >= 0) expect(this.#batch?.flags[place], `what is left of ${fd} in the batch`).toBe(0);
  }

  /** Closes a descriptor, with a word to the pollers or behind their back. */
  close(fd: number, file: FileModel, told: boolean): void {
    if (told) {
      close(fd);
      this.leave(fd);
    } else {
      closeSync(fd);
      const registration = this.#registrations.get(fd);
      if (registration !== undefined) registration.tainted = true;
    }
    this.open.delete(fd);
    file.opens--;
    if (file.opens > 0 || file.other === undefined) return;
    if (file.kind === 'stream' && file.other.opens > 0 && file.bytes > 0) file.other.reset = true;
    if (file.kind === 'stream') file.other.full = false;
    this.touch(file.other, ALL);
  }

  wake(): void {
    expect(this.#poller.waker.wake()).toBe(true);
    this.#woken = true;
  }

  /** Looks once; what comes is what has to come. */
  wait(): void {
    const events = this.#poller.wait(0);
    this.#batch = events;
    expect(events.woken).toBe(this.#woken);
    this.#woken = false;
    const seen = new Map<number, number>();
    for (let i = 0; i < events.length; i++) {
      const fd = events.fds[i] ?? -1;
      const registration = this.#registrations.get(fd);
      expect(registration, `an event of ${fd}, which is not registered`).toBeDefined();
      expect(events.data(i), `the label of ${fd}`).toBe(registration?.label);
      expect(seen.has(fd), `two events of ${fd}`).toBe(false);
      expect(events.source(i)).toBeUndefined();
      seen.set(fd, events.flags[i] ?? 0);
    }
    for (const [fd, registration] of this.#registrations) {
      const flags = seen.get(fd);
      if (flags !== undefined) expect(flags, `flags of ${fd}`).toBeGreaterThan(0);
      if (registration.tainted) this.#checkTainted(fd, registration, flags);
      else this.#checkEvent(fd, registration, flags);
      registration.news = 0;
      if (flags !== undefined && isOneShot(registration.mode)) registration.spent = true;
    }
  }

  #checkEvent(fd: number, registration: Registration, seen: number | undefined): void {
    const { file, interest, mode, spent, news } = registration;
    const holds = spent ? 0 : this.backend.sees(file.told(interest));
    // Backends that may tell of an end after the data, and those that know no errors of pipes.
    const late = this.backend.differs('prompt read-closed flag') ? READ_CLOSED : 0;
    // Who cannot see a hang-up sees only that there is no room.
    const noRoom = this.backend.differs('write-closed flag') && file.full ? WRITABLE : 0;
    const vague = late | noRoom | (this.backend.name === 'kqueue' ? ERROR : 0);
    // An edge without news may be told once more, but with what holds.
    const expected = isEdge(mode) && (news & holds) === 0 && seen === undefined ? 0 : holds;
    const words = `${fd}, a ${file.kind} for ${flagNames(interest)} in ${mode} mode`;
    expect(`${words}: ${flagNames((seen ?? 0) & ~vague)}`).toBe(`${words}: ${flagNames(expected & ~vague)}`);
  }

  #checkTainted(fd: number, registration: Registration, seen: number | undefined): void {
    const byNumber = this.backend.differs('silence about a reused number');
    const silent = byNumber ? !this.open.has(fd) : registration.file.opens === 0;
    if (silent) expect(seen, `flags of ${fd}, which is closed`).toBeUndefined();
  }

  /** What holds at any time. */
  check(): void {
    expect(this.#poller.size).toBe(this.#registrations.size);
    for (const fd of [...this.open.keys(), ...this.#registrations.keys()])
      expect(this.#poller.has(fd), `has ${fd}`).toBe(this.#registrations.has(fd));
  }

  /** Closes the poller, finds it closed, and goes on with a new one. */
  renew(): void {
    const [closed, fd] = [this.#poller, [...this.open.keys()][0] ?? 0];
    closed.close();
    closed.close();
    expect([closed.closed, closed.size, closed.fd]).toEqual([true, 0, -1]);
    for (const call of [
      () => closed.add(fd, 1),
      () => closed.modify(fd, 1),
      () => closed.delete(fd),
      () => closed.has(fd),
      () => closed.wait(0),
      () => closed.addTimer(0),
    ])
      expect(thrownBy(call)).toMatchObject({ code: 'ERR_FDPOLL_CLOSED' });
    expect(closed.waker.wake()).toBe(false);
    expect(this.#batch?.length ?? 0, 'the events of a closed poller').toBe(0);
    this.#registrations.clear();
    this.#woken = false;
    this.#batch = undefined;
    this.#poller = new Poller({ backend: this.backend.name });
  }

  end(): void {
    this.#poller.close();
    for (const fd of this.open.keys()) closeSync(fd);
  }
}
