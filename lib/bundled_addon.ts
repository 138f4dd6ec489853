import { resolve } from 'node:path';
import { builtin } from './builtins.ts';

/**
 * What a bundler gives for the file of the addon: the addon, the path of its copy from the bundle's folder `here`, the URL
 * of that, or a module with one of these as its default. The addon, or the whole path of the copy; undefined for the empty
 * module that stands for what was left out.
 */
export function bundledAddon(found: unknown, here: string): unknown {
  const module = Object(found) as { default?: unknown };
  const value = 'default' in module ? module.default : found;
  if (typeof value !== 'string') return Object.getOwnPropertyNames(Object(value)).length === 0 ? undefined : value;
  return value.startsWith('file:') ? builtin('node:url').fileURLToPath(value) : resolve(here, value);
}
