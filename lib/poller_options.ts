import type { BackendName } from './backends.ts';
import type { HostingKind } from './hosting.ts';
import { booleanOf, oneOf } from './validate.ts';

/**
 * When an event repeats. `level`: as long as the condition holds. `edge`: when something new arrives. `oneshot`: once,
 * then not until `modify`. `edge-oneshot`: both.
 */
export type Mode = 'level' | 'edge' | 'oneshot' | 'edge-oneshot';

/** How `poller.add` registers a descriptor. */
export interface AddOptions<T> {
  /** Default `level`. What the backend lacks is refused with ENOTSUP. */
  mode?: Mode;
  /** Wake one of several pollers that share the descriptor, not all (epoll, Linux 4.5). Level or edge, no PRIORITY. */
  exclusive?: boolean;
  /** Your label; `events.data(i)` gives it back. */
  data?: T;
}

/** What `new Poller` takes. */
export interface PollerOptions {
  /** Default: the best that is usable here, see `backends()`. */
  backend?: BackendName;
  /** The most events that one wait delivers, 1 to 1048576. Default 1024. */
  maxEvents?: number;
  /**
   * How `start` and `for await` are driven: `loop` by a watch on Node's own event loop, `thread` by a helper thread.
   * Default: `loop` where it can be, which is epoll under Node.
   */
  hosting?: HostingKind;
}

/** All that may be said beside a label, so that nothing of it is looked for on Object.prototype. @internal */
export const PLAINLY: { readonly mode: 'level'; readonly exclusive: false } = { mode: 'level', exclusive: false };

const MODES: ReadonlyMap<string, number> = new Map([
  ['level', 0],
  ['edge', 1],
  ['oneshot', 2],
  ['edge-oneshot', 3],
]);
// How native/binding/poller_binding.cc packs a mode.
const EXCLUSIVE = 4;
const KEEP_MODE = 8;

/** @internal */
export function modeToAdd(options: AddOptions<unknown>): number {
  const mode = options.mode === undefined ? 0 : oneOf('options.mode', MODES, options.mode);
  const exclusive = options.exclusive !== undefined && booleanOf('options.exclusive', options.exclusive);
  return exclusive ? mode | EXCLUSIVE : mode;
}

/** @internal */
export function modeToModify(options: Pick<AddOptions<unknown>, 'mode'>): number {
  return options.mode === undefined ? KEEP_MODE : oneOf('options.mode', MODES, options.mode);
}
