import { native } from './binding.ts';
import { fromAnswer, isExhaustion } from './errors.ts';
import { FdError } from './fd_error.ts';
import { BAD_ARGUMENT } from './native.ts';
import { bare, wrongType, wrongValue } from './validate.ts';

/** The kernel mechanisms that a poller can wait with. */
export type BackendName = 'epoll' | 'kqueue' | 'poll' | 'select';

/** What a backend can do beyond level-triggered readable and writable. */
export type Capability = 'edge' | 'oneshot' | 'exclusive' | 'priority' | 'available' | 'nanoseconds' | 'pollable';

/** One row of `backends()`. */
export interface BackendInfo {
  /** What the option `backend` of `new Poller` takes. */
  readonly name: BackendName;
  /** This build contains it. */
  readonly compiled: boolean;
  /** It opened just now, or only lacked a free descriptor or memory. */
  readonly usable: boolean;
  /** Why it is not usable: not compiled in, or the system call that refused it. */
  readonly reason?: string;
  /** `new Poller()` takes this one. */
  readonly default: boolean;
  /** `edge`, `exclusive`, `priority`: what `add` accepts; `available`: `events.available` tells; `nanoseconds`: the
   *  finest timeout; `pollable`: `poller.fd` can be watched by another poller. */
  readonly capabilities: Readonly<Record<Capability, boolean>>;
}

const NOTHING: Readonly<Record<Capability, boolean>> = Object.freeze({
  edge: false,
  oneshot: false,
  exclusive: false,
  priority: false,
  available: false,
  nanoseconds: false,
  pollable: false,
});

/** Every backend that fdpoll knows, best first, with what this build, kernel and sandbox make of it. Opens each. */
export function backends(): readonly BackendInfo[] {
  let chosen = false;
  return native.backends().map((given): BackendInfo => {
    const found = bare(given);
    const refusal = found.opened ? fromAnswer(found.opened) : undefined;
    const usable = found.compiled && (refusal === undefined || isExhaustion(refusal));
    const reason = found.absent ?? (usable ? undefined : refusal?.message);
    const info: BackendInfo = Object.freeze({
      name: found.name as BackendName,
      compiled: found.compiled,
      usable,
      ...(reason === undefined ? {} : { reason }),
      default: usable && !chosen,
      capabilities: Object.freeze({ ...NOTHING, ...found.capabilities }),
    });
    chosen ||= usable;
    return info;
  });
}

let defaultName: BackendName | undefined;

function unavailable(name: BackendName | undefined, why: string, all: readonly BackendInfo[]): FdError {
  const usable = all.filter((info) => info.usable && info.name !== name).map((info) => info.name);
  return new FdError(
    'ERR_FDPOLL_BACKEND_UNAVAILABLE',
    `backend ${name === undefined ? '' : `'${name}' `}is unavailable: ${why}. Usable here: ${usable.join(', ') || 'none'}`,
  );
}

/** The name of the best backend that is usable here; looked for once in each thread. */
function findDefault(): BackendName {
  const all = backends();
  const chosen = all.find((info) => info.default);
  if (chosen === undefined) throw unavailable(undefined, 'none opens here', all);
  return chosen.name;
}

/**
 * Opens the kernel's object of a backend, or of the default one.
 * @throws FdError ERR_FDPOLL_BACKEND_UNAVAILABLE, saying why and what exists; EMFILE, ENFILE or ENOMEM.
 * @internal
 */
export function openBackend(name: unknown, maxEvents: number): { name: BackendName; handle: number } {
  if (name !== undefined && typeof name !== 'string') throw wrongType('options.backend', 'a string', name);
  if (name === undefined) defaultName ??= findDefault();
  const asked = (name ?? defaultName) as BackendName;
  const handle = native.openPoller(asked, maxEvents);
  if (handle >= 0) return { name: asked, handle };
  const refusal = handle === BAD_ARGUMENT ? undefined : fromAnswer(handle);
  if (isExhaustion(refusal)) throw refusal;
  const all = backends();
  const known = all.find((info) => info.name === asked);
  if (known !== undefined) throw unavailable(asked, refusal?.message ?? known.reason ?? 'it does not open', all);
  throw wrongValue('options.backend', `one of ${all.map((info) => `'${info.name}'`).join(', ')}`, name);
}
