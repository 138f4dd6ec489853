import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Modules that watch descriptors, too. They are no dependencies: who wants to compare with them installs them. */
export type PeerName = 'koffi' | 'epoll';

function requireFrom(directory: string): NodeJS.Require {
  return createRequire(join(directory, 'package.json'));
}

/** Whether `require(name)` finds it in a project in this directory. */
export function isInstalled(name: PeerName, directory: string): boolean {
  try {
    requireFrom(directory).resolve(name);
    return true;
  } catch (error) {
    // One that is there and cannot be loaded has to say so itself.
    return (error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND';
  }
}

/** What it exports. Throws what loading it throws. */
export function loadPeer(name: PeerName, directory: string): unknown {
  return requireFrom(directory)(name);
}

/** What to say of those that are not installed. */
export function absentNote(names: readonly PeerName[]): string {
  const are = names.length === 1 ? 'is' : 'are';
  return `${names.join(' and ')} ${are} left out, not installed in this folder: npm install ${names.join(' ')}`;
}
