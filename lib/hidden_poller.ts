import { ERROR, PRIORITY, READ_CLOSED, READABLE, WRITABLE, WRITE_CLOSED } from './constants.ts';
import type { Events } from './events.ts';
import { FdError } from './fd_error.ts';
import { beginTurn, endTurn } from './idle_timer.ts';
import { Poller } from './poller.ts';
import { PLAINLY } from './poller_options.ts';
import { onLeave } from './registry.ts';
import { type Descriptor, fdOf } from './validate.ts';

/** Who waits for a descriptor. */
export interface Watcher {
  /** Some of what it asked for holds. */
  happened(flags: number): void;
  /** The descriptor was closed or given away: nothing more will happen. */
  left(): void;
}

/** The flags that answer an interest. */
const ANSWERS: readonly number[] = Array.from({ length: 8 }, (_, interest) => {
  const read = interest & READABLE ? READABLE | READ_CLOSED : 0;
  const write = interest & WRITABLE ? WRITABLE | WRITE_CLOSED : 0;
  return interest === 0 ? 0 : read | write | (interest & PRIORITY) | ERROR;
});

/** What a poller knows of one descriptor: all who watch it share a registration. */
interface Registration {
  readonly fd: number;
  readonly descriptor: Descriptor;
  /** What the poller was asked for. */
  interest: number;
  watches: readonly Watch[];
}

/** One who waits for one descriptor. @internal */
export class Watch {
  readonly #poller: WatchedPoller;
  readonly watcher: Watcher;
  /** Undefined once it is over. */
  registration: Registration | undefined = undefined;
  interest: number;
  #kept: boolean;

  constructor(poller: WatchedPoller, watcher: Watcher, interest: number, kept: boolean) {
    this.#poller = poller;
    this.watcher = watcher;
    this.interest = interest;
    this.#kept = kept;
  }

  /** It is something to stay alive for: what waits for nothing is not. */
  get keepsAlive(): boolean {
    return this.#kept && this.interest !== 0 && this.registration !== undefined;
  }

  set(interest: number): void {
    if (interest === this.interest) return;
    const before = this.keepsAlive;
    this.interest = interest;
    if (this.registration !== undefined) this.#poller.changed(this.registration);
    this.#poller.count(before, this.keepsAlive);
  }

  /** Whether it keeps the process alive. */
  keep(kept: boolean): void {
    const before = this.keepsAlive;
    this.#kept = kept;
    this.#poller.count(before, this.keepsAlive);
  }

  /** Twice is fine. */
  stop(): void {
    if (this.registration !== undefined) this.#poller.unwatch(this, this.registration);
  }
}

function tell(watch: Watch, flags: number): void {
  const answer = flags & (ANSWERS[watch.interest] as number);
  if (answer !== 0 && watch.registration !== undefined) watch.watcher.happened(answer);
}

/**
 * A hosted poller whose events go to those who watch. Level-triggered, so that what is not told because somebody threw
 * is told by the next batch.
 * @internal
 */
export class WatchedPoller {
  readonly poller: Poller<Registration>;
  readonly #registrations: Map<number, Registration> = new Map();
  /** Stays started when nothing is watched. */
  readonly #lasting: boolean;
  // A field, so that it lasts as long as this does.
  readonly #leave: (fd: number) => void = (fd) => this.#left(fd);
  #started = false;
  #alive = 0;

  constructor(poller: Poller<Registration>, lasting: boolean) {
    this.poller = poller;
    this.#lasting = lasting;
    onLeave(this.#leave);
  }

  /**
   * Several may watch one descriptor, each for its own.
   * @throws FdError as `Poller.add`, and ERR_FDPOLL_STARTED when somebody else has started the poller.
   */
  watch(descriptor: Descriptor, interest: number, watcher: Watcher, kept = true): Watch {
    const fd = fdOf(descriptor);
    const watch = new Watch(this, watcher, interest, kept);
    this.#start();
    const registration = this.#register(fd, descriptor, watch);
    watch.registration = registration;
    this.count(false, watch.keepsAlive);
    if (registration.interest !== interest) this.changed(registration);
    return watch;
  }

  unwatch(watch: Watch, registration: Registration): void {
    const before = watch.keepsAlive;
    watch.registration = undefined;
    registration.watches = registration.watches.filter((other) => other !== watch);
    this.count(before, false);
    if (registration.watches.length === 0) {
      this.#forget(registration);
      return;
    }
    try {
      this.changed(registration);
    } catch {
      // Closed behind our back, the poller or the descriptor: the others find out by themselves.
    }
  }

  /** Somebody's interest is another one from here on. */
  changed(registration: Registration): void {
    let interest = 0;
    for (const watch of registration.watches) interest |= watch.interest;
    if (interest === registration.interest) return;
    this.poller.modify(registration.descriptor, interest);
    registration.interest = interest;
  }

  count(before: boolean, after: boolean): void {
    if (before === after) return;
    this.#alive += after ? 1 : -1;
    if (this.poller.closed || this.#alive > 1 || (this.#alive === 1 && !after)) return;
    if (after) this.poller.ref();
    else this.poller.unref();
  }

  #start(): void {
    if (this.#started) return;
    this.poller.start((events) => this.#deliver(events));
    this.#started = true;
    this.poller.unref();
  }

  #register(fd: number, descriptor: Descriptor, watch: Watch): Registration {
    const known = this.#registrations.get(fd);
    const fresh: Registration = { fd, descriptor, interest: watch.interest, watches: [watch] };
    try {
      // Also when it is known: only the kernel can tell whether the number still means the same file.
      this.poller.add(descriptor, watch.interest, { ...PLAINLY, data: fresh });
    } catch (error) {
      if (known !== undefined && error instanceof FdError && error.code === 'EEXIST') {
        known.watches = [...known.watches, watch];
        return known;
      }
      this.#stopWhenEmpty();
      throw error;
    }
    this.#registrations.set(fd, fresh);
    if (known !== undefined) this.#abandon(known);
    return fresh;
  }

  #forget(registration: Registration): void {
    this.#registrations.delete(registration.fd);
    if (!this.poller.closed) this.poller.delete(registration.fd);
    this.#stopWhenEmpty();
  }

  #stopWhenEmpty(): void {
    if (this.#lasting || this.#registrations.size > 0 || !this.#started || this.poller.closed) return;
    this.#started = false;
    this.poller.stop();
    // As it was when it was given.
    this.poller.ref();
  }

  #left(fd: number): void {
    const registration = this.#registrations.get(fd);
    if (registration === undefined) return;
    this.#registrations.delete(fd);
    this.#abandon(registration);
  }

  #abandon(registration: Registration): void {
    const { watches } = registration;
    registration.watches = [];
    for (const watch of watches) {
      const before = watch.keepsAlive;
      watch.registration = undefined;
      this.count(before, false);
    }
    this.#stopWhenEmpty();
    for (const watch of watches) watch.watcher.left();
  }

  #deliver(events: Events<Registration>): void {
    beginTurn();
    try {
      for (let i = 0; i < events.length; i++) {
        const flags = events.flags[i] as number;
        if (flags === 0) continue;
        const { watches } = events.data(i);
        if (watches.length === 1) tell(watches[0] as Watch, flags);
        else for (const watch of watches) tell(watch, flags);
      }
    } finally {
      endTurn();
    }
  }
}

let hidden: WatchedPoller | undefined;
const given: WeakMap<Poller, WatchedPoller> = new WeakMap();

/**
 * The hidden poller of this thread, opened by who needs it first. It stays open: one that comes and goes would cost more
 * than its descriptors. Or the poller that somebody gave to be hosted.
 * @internal
 */
export function watchedPoller(poller?: Poller): WatchedPoller {
  if (poller === undefined) {
    // A backend that fails while it is hosted closes its poller.
    if (hidden === undefined || hidden.poller.closed) hidden = new WatchedPoller(new Poller<Registration>(), true);
    return hidden;
  }
  let watched = given.get(poller);
  if (watched === undefined) {
    watched = new WatchedPoller(poller as Poller<Registration>, false);
    given.set(poller, watched);
  }
  return watched;
}
