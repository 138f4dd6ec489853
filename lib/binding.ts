import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import { FdError } from './fd_error.ts';
import type { Native } from './native.ts';

// Each path is literal, so that bundlers can follow it.
const require: NodeJS.Require = createRequire(import.meta.url);

/** The runtime's name, since a symbol of libuv that can be found proves nothing (Bun exports some that panic). */
export function isNode(): boolean {
  return process.versions.bun === undefined && process.versions.deno === undefined;
}

function isMusl(): boolean {
  try {
    return readFileSync('/proc/self/maps', 'latin1').includes('/ld-musl-');
  } catch {
    return false;
  }
}

function target(): string {
  const musl = process.platform === 'linux' && isMusl() ? '-musl' : '';
  return `${process.platform}-${process.arch}${musl}`;
}

function requirePrebuilt(name: string): Native | undefined {
  switch (name) {
    case 'linux-x64':
      return require('../prebuilds/linux-x64/fdpoll.node');
    case 'linux-x64-musl':
      return require('../prebuilds/linux-x64-musl/fdpoll.node');
    case 'linux-arm64':
      return require('../prebuilds/linux-arm64/fdpoll.node');
    case 'linux-arm64-musl':
      return require('../prebuilds/linux-arm64-musl/fdpoll.node');
    case 'linux-arm':
      return require('../prebuilds/linux-arm/fdpoll.node');
    case 'darwin-x64':
      return require('../prebuilds/darwin-x64/fdpoll.node');
    case 'darwin-arm64':
      return require('../prebuilds/darwin-arm64/fdpoll.node');
    case 'freebsd-x64':
      return require('../prebuilds/freebsd-x64/fdpoll.node');
    default:
      return undefined;
  }
}

/** Another addon, or another version's, may lie where ours is looked for. */
function ours(addon: Native): Native {
  if (typeof addon.configure !== 'function') throw new Error('it loads, but is not the addon of this version');
  return addon;
}

function because(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? text;
}

/** Importing never explodes, using does: what cannot be loaded becomes functions that say why. */
function unusable(reason: string): Native {
  return new Proxy({} as Native, {
    get: () => () => {
      throw new FdError('ERR_FDPOLL_UNSUPPORTED_PLATFORM', reason);
    },
  });
}

function load(): Native {
  if (process.platform === 'win32') {
    return unusable('fdpoll needs epoll, kqueue, poll or select; Windows has none of them. Use it in WSL.');
  }
  // A build of one's own comes first: it was made on purpose.
  let own: unknown;
  try {
    return ours(require('../build/Release/fdpoll.node'));
  } catch (error) {
    own = error;
  }
  const name = target();
  let prebuilt: unknown = 'there is no prebuilt addon for this system';
  try {
    const addon = requirePrebuilt(name);
    if (addon !== undefined) return ours(addon);
  } catch (error) {
    prebuilt = error;
  }
  return unusable(
    `fdpoll has no addon for ${name}. Looked for ` +
      `build/Release/fdpoll.node (${because(own)}) and prebuilds/${name}/fdpoll.node (${because(prebuilt)}). ` +
      'To build it here: npx cmake-js (needs CMake and a C++ compiler), or npm ci in a checkout.',
  );
}

/** The addon. Loaded once for each thread; nothing else in lib/ loads it. */
export const native: Native = load();

// Called between two slices of a blocking wait in a Worker. It does nothing: that it can be called at all says that
// the Worker is not being terminated.
function probe(): void {}

try {
  native.configure(probe, !isMainThread, isNode());
} catch (error) {
  if (!(error instanceof FdError)) throw error;
}
