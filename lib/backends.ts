import { native } from './binding.ts';
import { FdError, fromAnswer, isExhaustion } from './errors.ts';
import { wrongType, wrongValue } from './validate.ts';

/** The kernel mechanisms that a poller can wait with. */
export type BackendName = 'epoll' | 'kqueue' | 'poll' | 'select';

/** What a backend can do beyond level-triggered readable and writable. */
export type Capability = 'edge' | 'oneshot' | 'exclusive' | 'priority' | 'available' | 'nanoseconds' | 'pollable';

export interface BackendInfo {
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
  return native.backends().map((found) => {
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

// The default costs nothing to find out twice, but opens every backend once.
let defaultName: BackendName | undefined;

/** The backend of a name, or the default; throws `ERR_FDPOLL_BACKEND_UNAVAILABLE`, saying why and what exists. */
export function chooseBackend(name: unknown): BackendName {
  if (name === undefined && defaultName !== undefined) return defaultName;
  if (name !== undefined && typeof name !== 'string') throw wrongType('options.backend', 'a string', name);
  const all = backends();
  const chosen = all.find((info) => (name === undefined ? info.default : info.name === name));
  if (name !== undefined && chosen === undefined) {
    throw wrongValue('options.backend', `one of ${all.map((info) => `'${info.name}'`).join(', ')}`, name);
  }
  if (chosen?.usable) {
    if (name === undefined) defaultName = chosen.name;
    return chosen.name;
  }
  const usable = all.filter((info) => info.usable).map((info) => info.name);
  const why = chosen?.reason ?? 'none opens here';
  throw new FdError(
    'ERR_FDPOLL_BACKEND_UNAVAILABLE',
    `backend ${name === undefined ? '' : `'${name}' `}is unavailable: ${why}. Usable here: ${usable.join(', ') || 'none'}`,
  );
}
