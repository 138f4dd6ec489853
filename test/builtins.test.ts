import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { beDuplex, builtin, isIPv4, isIPv6, LateDuplex } from '../lib/builtins.ts';
import { library } from './support/threads.ts';

describe("Node's modules", () => {
  it('are the ones that an import gives', () => {
    expect(builtin('node:fs').chmodSync).toBe(fs.chmodSync);
  });

  it.each(['127.0.0.1', '::1', 'fe80::1%lo', '1.2.3', 'localhost', ''])('judge %o as node:net does', (text) => {
    expect([isIPv4(text), isIPv6(text)]).toEqual([net.isIPv4(text), net.isIPv6(text)]);
  });

  it('give a class its base when it is used, once', () => {
    class Echo extends LateDuplex {
      override _read(): void {}
      override _write(chunk: Buffer, _: BufferEncoding, callback: () => void): void {
        this.push(chunk);
        callback();
      }
    }
    beDuplex(Echo);
    beDuplex(Echo);
    const echo = new Echo({ allowHalfOpen: false });
    expect(echo).toBeInstanceOf(Duplex);
    expect(echo.allowHalfOpen).toBe(false);
    echo.write('a');
    expect(String(echo.read())).toBe('a');
    expect(Object.getPrototypeOf(Echo)).toBe(Duplex);
  });

  it('are not loaded with the library: its import has to stay cheap', () => {
    const script = `
      const before = process.moduleLoadList.length;
      const { Poller } = await import(${JSON.stringify(library)});
      new Poller().close();
      console.log(JSON.stringify(process.moduleLoadList.slice(before)));`;
    const loaded: string[] = JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }),
    );
    const dear = [
      'NativeModule net',
      'NativeModule stream',
      'NativeModule worker_threads',
      'NativeModule internal/fs/streams',
    ];
    expect(loaded.filter((name) => dear.includes(name))).toEqual([]);
  });
});
