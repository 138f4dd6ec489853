import packageJson from '../package.json' with { type: 'json' };
import type { BackendName } from './backends.ts';
import { native } from './binding.ts';

/** What the addon was compiled by, for and with. */
export interface BuildInfo {
  /** As `process.platform`. */
  readonly system: string;
  /** As `process.arch`. */
  readonly arch: string;
  /**
   * The C library that it was compiled for: `glibc 2.17`, which is the oldest that a prebuilt one runs on; `musl`;
   * `macOS 11.0`, the oldest too; `FreeBSD 14`; `NetBSD 10.1`; `OpenBSD`.
   */
  readonly libc: string;
  /** `gcc 12.2.0`, `clang 21.1.0`. */
  readonly compiler: string;
  /** Whether it was optimized. */
  readonly type: 'release' | 'debug';
  /** Overrides such as `FDPOLL_DISABLE_EPOLL` and `FDPOLL_LIBKQUEUE`, and sanitizers. */
  readonly flags: readonly string[];
}

/** What `version` has. */
export interface Version {
  /** The version of the package, by the rules of semver. */
  readonly fdpoll: string;
  /** The version of Node-API that the addon needs. */
  readonly napi: number;
  /** The backends that are compiled in, best first. `backends()` says which of them are usable here. */
  readonly backends: readonly BackendName[];
  /** How the addon was built. */
  readonly build: BuildInfo;
}

let known: Omit<Version, 'fdpoll'> | undefined;

function addon(): Omit<Version, 'fdpoll'> {
  if (known === undefined) {
    const { napi, backends, flags, ...build } = native.buildInfo();
    known = {
      napi,
      backends: Object.freeze(backends as BackendName[]),
      build: Object.freeze({ ...build, type: build.type as BuildInfo['type'], flags: Object.freeze(flags) }),
    };
  }
  return known;
}

/**
 * Which fdpoll this is. `fdpoll` is always there; the rest is asked of the addon.
 * @throws FdError ERR_FDPOLL_UNSUPPORTED_PLATFORM, by all but `fdpoll`, where there is no addon.
 */
export const version: Version = Object.freeze({
  fdpoll: packageJson.version,
  get napi(): number {
    return addon().napi;
  },
  get backends(): readonly BackendName[] {
    return addon().backends;
  },
  get build(): BuildInfo {
    return addon().build;
  },
});
