import { native } from './binding.ts';
import { orThrow } from './errors.ts';
import { INT32_MAX, integer } from './validate.ts';

/**
 * Duplicates of descriptors that wait to be sent. Nobody else knows of them, so the addon keeps them: a Worker that is
 * terminated closes its own. All of them or, on failure, none.
 * @throws FdError EBADF, EMFILE.
 * @internal
 */
export function keepDuplicates(fds: readonly number[]): number[] {
  const kept: number[] = [];
  try {
    for (const fd of fds) kept.push(orThrow(native.keepDuplicate(integer('fds', fd, 0, INT32_MAX)), { fd }));
    return kept;
  } catch (error) {
    closeKept(kept);
    throw error;
  }
}

/** @internal */
export function closeKept(fds: readonly number[]): void {
  for (const fd of fds) native.closeKept(fd);
}
