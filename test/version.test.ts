import { describe, expect, it } from 'vitest';
import { backends, version } from '../lib/index.ts';
import packageJson from '../package.json' with { type: 'json' };

describe('version', () => {
  it('has the version of the package', () => {
    expect(version.fdpoll).toBe(packageJson.version);
    expect(version.fdpoll).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('has the version of Node-API, which the runtime has too', () => {
    expect([version.napi]).toEqual(packageJson.binary.napi_versions);
    expect(Number(process.versions.napi ?? version.napi)).toBeGreaterThanOrEqual(version.napi);
  });

  it('has the backends that are compiled in, best first', () => {
    expect(version.backends).toEqual(backends().flatMap(({ name, compiled }) => (compiled ? [name] : [])));
  });

  it('says for which system the addon was built, and by what', () => {
    const { system, arch, libc, compiler, type, flags } = version.build;
    expect([system, arch]).toEqual([process.platform, process.arch]);
    if (system === 'linux') expect(libc).toMatch(/^glibc 2\.\d+$|^musl$/);
    expect(compiler).toMatch(/^(gcc|clang) \d+\.\d+\.\d+$/);
    expect(['release', 'debug']).toContain(type);
    for (const flag of flags) expect(flag).toMatch(/^FDPOLL_[A-Z_]+$|^address-sanitizer$/);
    expect(version.backends.includes('epoll')).toBe(system === 'linux' && !flags.includes('FDPOLL_DISABLE_EPOLL'));
  });

  it('is the same object each time, and nobody changes it', () => {
    expect(version.build).toBe(version.build);
    for (const part of [version, version.backends, version.build, version.build.flags])
      expect(Object.isFrozen(part)).toBe(true);
    expect(() => Object.assign(version, { fdpoll: '9.9.9' })).toThrow(TypeError);
  });

  it('is all there as JSON', () => {
    const { fdpoll, napi, backends, build } = version;
    expect(JSON.parse(JSON.stringify(version))).toEqual({ fdpoll, napi, backends, build });
  });
});
