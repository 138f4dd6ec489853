import { dirname, join, resolve } from 'node:path';
import requirePrebuilt from './addon.cjs';
import { addonFileProblem } from './addon_file.ts';
import { type Attempt, addonProblem, namedProblem } from './addon_problem.ts';
import { target } from './addon_target.ts';
import { builtin } from './builtins.ts';
import { bundledAddon } from './bundled_addon.ts';
import { FdError } from './fd_error.ts';
import type { Native } from './native.ts';
import { oldNode } from './old_node.ts';

/** The runtime's name, since a symbol of libuv that can be found proves nothing (Bun exports some that panic). */
export function isNode(): boolean {
  return process.versions.bun === undefined && process.versions.deno === undefined;
}

// This file is part of dist/index.js, or of somebody's bundle, which may be CommonJS: then import.meta is empty.
const url: string | undefined = import.meta.url;
function folder(): string {
  return url === undefined ? __dirname : dirname(builtin('node:url').fileURLToPath(url));
}

/** Throws what is wrong with a file, where trying to load it would say nothing, or end the process. */
function checkFile(path: string): void {
  const problem = addonFileProblem(path);
  if (problem !== undefined) throw new Error(problem);
}

function open(path: string): unknown {
  checkFile(path);
  const module = { exports: {} };
  process.dlopen(module, path);
  return module.exports;
}

/** Another addon, or another version's, may lie where ours is looked for; undefined where there is none. */
function ours(addon: unknown): Native | undefined {
  if (addon === undefined) return undefined;
  if (typeof (addon as Partial<Native>).configure !== 'function')
    throw new Error('it loads, but is not the addon of this version');
  return addon as Native;
}

/** The first line of what went wrong, with the next one when it only announces that. */
function because(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /^(?:.*:\n)?.*/.exec(text)?.[0].replace('\n', ' ') ?? text;
}

function presentPrebuilds(): string[] {
  try {
    return builtin('node:fs').readdirSync(join(folder(), '../prebuilds')).sort();
  } catch {
    return [];
  }
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
  if (process.platform === 'win32')
    return unusable('fdpoll needs epoll, kqueue, poll or select; Windows has none of them. Use it in WSL.');
  const old = oldNode(process.versions);
  if (old !== undefined) return unusable(old);
  const attempts: Attempt[] = [];
  const attempt = (path: string, found: () => unknown): Native | undefined => {
    try {
      return ours(found());
    } catch (error) {
      const { code } = error as { code?: string };
      const reason = because(error);
      // A bundle looks for a copy, and its name is worth telling.
      const told = code?.endsWith('MODULE_NOT_FOUND') && reason.includes(path);
      attempts.push(told ? { path } : { path, reason });
      return undefined;
    }
  };
  // What was named on purpose is not passed over.
  const named = process.env.FDPOLL_ADDON;
  if (named) return attempt(named, () => open(resolve(named))) ?? unusable(namedProblem(attempts));
  // A build of one's own comes first: it was made on purpose.
  const here = folder();
  const own = join(here, '../build/Release/fdpoll.node');
  const built = builtin('node:fs').existsSync(own) ? attempt(own, () => open(own)) : undefined;
  if (built !== undefined) return built;
  if (attempts.length === 0) attempts.push({ path: own });
  const name = target();
  const prebuilt = attempt(`prebuilds/${name}/fdpoll.node`, () => {
    checkFile(join(here, '../prebuilds', name, 'fdpoll.node'));
    const found = bundledAddon(requirePrebuilt(name), here);
    return typeof found === 'string' ? open(found) : found;
  });
  return prebuilt ?? unusable(addonProblem(name, attempts, presentPrebuilds()));
}

/** The addon. Loaded once for each thread; nothing else in lib/ loads it. */
export const native: Native = load();

// Called between two slices of a blocking wait in a Worker. It does nothing: that it can be called at all says that
// the Worker is not being terminated.
function probe(): void {}

try {
  native.configure(probe, isNode());
} catch (error) {
  if (!(error instanceof FdError)) throw error;
}
