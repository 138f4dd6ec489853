import type { ChildProcess } from 'node:child_process';

/**
 * Ends a child by force. One that could not be started (for want of descriptors, say) is left alone: it has no number, and
 * Node would kill the whole group of this process instead.
 */
export function killChild(child: Pick<ChildProcess, 'pid' | 'kill'>): void {
  if (child.pid !== undefined) child.kill('SIGKILL');
}
