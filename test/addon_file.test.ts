import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { addonFileProblem } from '../lib/addon_file.ts';
import { checkDescriptorsAfterEachTest } from './support/descriptors.ts';

const addon = fileURLToPath(new URL('../build/Release/fdpoll.node', import.meta.url));
const elf = process.platform !== 'darwin' && process.platform !== 'win32';

const temporary = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'fdpoll-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'fdpoll.node');
};
const copyOf = (path: string, change: (bytes: Buffer) => void): string => {
  const copy = temporary();
  const bytes = readFileSync(path);
  change(bytes);
  writeFileSync(copy, bytes);
  return copy;
};
const fileOf = (bytes: string | Uint8Array): string => {
  const path = temporary();
  writeFileSync(path, bytes);
  return path;
};

describe('the file of an addon', () => {
  checkDescriptorsAfterEachTest();

  it('may be loaded when it is whole', () => {
    expect(addonFileProblem(addon)).toBe(undefined);
  });

  it('may be tried when it is not there, or is no file', () => {
    expect(addonFileProblem(`${addon}.gone`)).toBe(undefined);
    expect(addonFileProblem(tmpdir())).toBe(undefined);
  });

  it.runIf(elf)('is cut short wherever it ends before the last byte that is mapped', () => {
    const copy = temporary();
    copyFileSync(addon, copy);
    const shorts: number[] = [];
    for (const part of [0.9, 0.5, 0.1, 0.01]) {
      const size = Math.floor(statSync(addon).size * part);
      truncateSync(copy, size);
      // Symbols of a file that was not stripped lie behind all that is mapped.
      if (addonFileProblem(copy)?.startsWith(`it is cut short: ${size} bytes of `)) shorts.push(part);
    }
    expect(shorts).toEqual(expect.arrayContaining([0.1, 0.01]));
    truncateSync(copy, 60);
    expect(addonFileProblem(copy)).toBe('it is cut short: 60 bytes');
    truncateSync(copy, 0);
    expect(addonFileProblem(copy)).toBe('it is empty');
  });

  it.runIf(elf)('is of another machine, which is named', () => {
    const [number, name] = process.arch === 'arm64' ? [62, 'x64'] : [183, 'arm64'];
    const foreign = copyOf(addon, (bytes) => bytes.writeUInt16LE(number, 18));
    expect(addonFileProblem(foreign)).toBe(`it is for ${name}, not for ${process.arch}`);
    const unknown = copyOf(addon, (bytes) => bytes.writeUInt16LE(0xffff, 18));
    expect(addonFileProblem(unknown)).toBe(`it is for another machine, not for ${process.arch}`);
  });

  it.runIf(elf)('is of another system, or is something else', () => {
    expect(addonFileProblem(fileOf(Buffer.from('cffaedfe07000001', 'hex')))).toMatch(/a Mach-O file, of macOS/);
    expect(addonFileProblem(fileOf('MZ\0\0'))).toMatch(/a PE file, of Windows/);
    expect(addonFileProblem(fileOf('<!doctype html>'))).toBe('it is no library of this system');
    expect(addonFileProblem(fileOf('\x7fELF'))).toBe('it is cut short: 4 bytes');
  });

  it.runIf(elf)('whose header is nonsense has a problem or none, and is read without an exception', () => {
    for (let at = 4; at < 64; at++)
      for (const value of [0, 1, 0x7f, 0xff]) {
        const file = copyOf(addon, (bytes) => bytes.fill(value, at, at + 8));
        expect(['string', 'undefined']).toContain(typeof addonFileProblem(file));
      }
  });
});
