import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import requirePrebuilt from '../lib/addon.cjs';
import { target, targets } from '../lib/addon_target.ts';
import { TARGETS } from '../scripts/prebuild_targets.mjs';

const pretend = (object: object, property: string, value: unknown): void => {
  const own = Object.getOwnPropertyDescriptor(object, property);
  Object.defineProperty(object, property, { value, configurable: true });
  onTestFinished(() => {
    if (own === undefined) Reflect.deleteProperty(object, property);
    else Object.defineProperty(object, property, own);
  });
};

describe('the targets of prebuilt addons', () => {
  it('are those that the prebuild builds', () => {
    expect([...targets].sort()).toEqual(Object.keys(TARGETS).sort());
  });

  // Not by requiring them: the loader of this system may take one of another libc, and then there are two in the process.
  it.each(targets)('have a literal path that is required: %s', (name) => {
    const calls = readFileSync(new URL('../lib/addon.cjs', import.meta.url), 'utf8').match(/require\('[^']*'\)/g);
    expect(calls).toHaveLength(targets.length);
    expect(calls).toContain(`require('../prebuilds/${name}/fdpoll.node')`);
  });

  it('has none for another system', () => {
    expect(requirePrebuilt('plan9-mips')).toBeUndefined();
  });
});

describe('the target of this process', () => {
  it('has platform and processor', () => {
    expect(target()).toMatch(new RegExp(`^${process.platform}-${process.arch}(-musl)?$`));
  });

  it('is one that there is an addon for, where the suite runs on Linux on x64', () => {
    if (process.platform === 'linux' && process.arch === 'x64') expect(targets).toContain(target());
  });

  it('leaves out the libc elsewhere than on Linux', () => {
    pretend(process, 'platform', 'darwin');
    pretend(process, 'arch', 'arm64');
    expect(target()).toBe('darwin-arm64');
  });

  it.each([
    ['7', 'linux-arm'],
    ['8', 'linux-arm'],
    [undefined, 'linux-arm'],
    ['6', 'linux-armv6'],
  ])('knows an ARM that is too old: version %s is %s', (version, name) => {
    pretend(process, 'platform', 'linux');
    pretend(process, 'arch', 'arm');
    pretend(process, 'config', { variables: { arm_version: version } });
    expect(target().replace('-musl', '')).toBe(name);
  });
});
