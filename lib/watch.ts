import { native } from './binding.ts';
import { type Home, Source } from './source.ts';
import { type Change, decodeChanges } from './watch_changes.ts';

const NONE: readonly Change[] = Object.freeze([]);

/**
 * Changes of a file, or of the entries of a directory (not of directories below it). It follows the file, not the path:
 * when the path leads elsewhere it ends with `gone`. To see a file being replaced watch its directory.
 */
export class Watch<T = unknown> extends Source<T> {
  /** Tells the sources of `events.source(i)` apart. */
  readonly kind = 'watch';
  /** As it was given to `addWatch`. */
  readonly path: string;
  #changes: readonly Change[] | undefined;

  /** @internal */
  constructor(home: Home<T>, id: number, path: string) {
    super(home, id);
    this.path = path;
  }

  /** What the current batch tells, in the order in which it happened; empty after the next wait. */
  get changes(): readonly Change[] {
    if (this.payload === undefined) return NONE;
    if (this.#changes === undefined) {
      const frame = native.watchChanges(this.home.handle, this.id);
      this.#changes = typeof frame === 'number' ? [] : decodeChanges(frame);
    }
    return this.#changes;
  }

  /** @internal */
  protected override endsWith(payload: number): boolean {
    this.#changes = undefined;
    return payload !== 0;
  }
}
