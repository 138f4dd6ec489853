import type { Poller } from './poller.ts';

// The pollers of this thread, held weakly: one that is forgotten is collected with everything that it holds.
const pollers: Set<WeakRef<Poller<unknown>>> = new Set();

/** @internal */
export function enlist(poller: Poller<unknown>): WeakRef<Poller<unknown>> {
  const reference = new WeakRef(poller);
  pollers.add(reference);
  return reference;
}

/** @internal */
export function dismiss(reference: WeakRef<Poller<unknown>>): void {
  pollers.delete(reference);
}

// Those who want to know, beyond the pollers themselves; as long as they themselves are wanted.
const listeners: Set<WeakRef<(fd: number) => void>> = new Set();

/** Tells whenever a descriptor leaves the pollers of this thread, after it did. Held weakly. @internal */
export function onLeave(listener: (fd: number) => void): void {
  listeners.add(new WeakRef(listener));
}

/**
 * Removes a descriptor that is about to be closed or given away from every poller of this thread. Always before the
 * close: a dup elsewhere would keep the registration alive, and the kernel could not be asked to forget it.
 * @internal
 */
export function leavePollers(fd: number): void {
  for (const reference of pollers) reference.deref()?.delete(fd);
  for (const reference of listeners) {
    const listener = reference.deref();
    if (listener === undefined) listeners.delete(reference);
    else listener(fd);
  }
}
