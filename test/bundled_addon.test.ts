import { describe, expect, it } from 'vitest';
import { bundledAddon } from '../lib/bundled_addon.ts';

const addon = { configure(): void {} };

describe('what a bundler gives for the addon', () => {
  it('is the addon where it was loaded, also as the default of a module', () => {
    expect(bundledAddon(addon, '/app')).toBe(addon);
    expect(bundledAddon({ default: addon }, '/app')).toBe(addon);
  });

  it.each([
    ['./fdpoll-1.node', '/app/fdpoll-1.node'],
    ['../addons/fdpoll.node', '/addons/fdpoll.node'],
    ['/elsewhere/fdpoll.node', '/elsewhere/fdpoll.node'],
    ['file:///app/with%20blank/fdpoll.node', '/app/with blank/fdpoll.node'],
  ])('is a path from the bundle, or a URL: %s', (found, path) => {
    expect(bundledAddon(found, '/app')).toBe(path);
    expect(bundledAddon({ default: found }, '/app')).toBe(path);
  });

  it.each([
    [undefined],
    [{}],
    [{ default: {} }],
    [{ default: undefined }],
  ])('is nothing where the system has no addon, or it was left out: %o', (found) => {
    expect(bundledAddon(found, '/app')).toBeUndefined();
  });

  it('is passed on when it is none of these, for what comes next to refuse', () => {
    expect(bundledAddon({ parse: 1 }, '/app')).toEqual({ parse: 1 });
    expect(bundledAddon({ default: { parse: 1 } }, '/app')).toEqual({ parse: 1 });
  });
});
