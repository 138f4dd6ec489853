import { describe, expect, it } from 'vitest';
import { versionText } from '../../lib/cli/version_text.ts';
import { FdError, type Version } from '../../lib/index.ts';

const build = {
  system: 'linux',
  arch: 'arm64',
  libc: 'glibc 2.28',
  compiler: 'clang 21.1.0',
  type: 'release',
  flags: ['FDPOLL_DISABLE_EPOLL', 'FDPOLL_LIBKQUEUE'],
} as const;
const version: Version = { fdpoll: '1.2.3', napi: 8, backends: ['kqueue', 'poll'], build };

describe('versionText', () => {
  it('has the version on its first line and a fact on each other', () => {
    expect(versionText(version).split('\n')).toEqual([
      'fdpoll 1.2.3',
      'node-api  8',
      'backends  kqueue poll',
      'system    linux arm64',
      'libc      glibc 2.28',
      'compiler  clang 21.1.0',
      'build     release',
      'flags     FDPOLL_DISABLE_EPOLL FDPOLL_LIBKQUEUE',
    ]);
  });

  it('says so when there are no flags', () => {
    expect(versionText({ ...version, build: { ...build, flags: [] } })).toMatch(/\nflags {5}none$/);
  });

  it('has the version without an addon too, and says why there is none', () => {
    const lame = Object.defineProperty({ ...version }, 'build', {
      get: () => {
        throw new FdError('ERR_FDPOLL_UNSUPPORTED_PLATFORM', 'there is no addon');
      },
    });
    expect(versionText(lame)).toBe('fdpoll 1.2.3\naddon     there is no addon');
  });

  it('hides no other error', () => {
    const broken = Object.defineProperty({ ...version }, 'build', {
      get: () => {
        throw new RangeError('a bug');
      },
    });
    expect(() => versionText(broken)).toThrow('a bug');
  });
});
