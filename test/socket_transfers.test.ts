import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Socket } from '../lib/socket.ts';
import { checkDescriptorsAfterEachTest } from './support/descriptors.ts';
import { expectClosed, expectFdError } from './support/expect.ts';
import { drain, fill, pair } from './support/sockets.ts';

/** A file with this text, open for reading. */
const fileOf = (text: string): number => {
  const folder = mkdtempSync(join(tmpdir(), 'fdp-'));
  const path = join(folder, 'file');
  writeFileSync(path, text);
  const fd = openSync(path, 'r');
  onTestFinished(() => {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });
  return fd;
};

describe('sendFile', () => {
  checkDescriptorsAfterEachTest();

  it('sends a part of a file, and gives 0 at its end', () => {
    const [a, b] = pair();
    const file = fileOf('0123456789');
    expect(a.sendFile(file, 2, 5)).toBe(5);
    expect(a.sendFile(file, 7, 100)).toBe(3);
    expect(a.sendFile(file, 10, 100)).toBe(0);
    expect(drain(b).text).toBe('23456789');
  });

  it('is -1 when there is no room, at once or when the timeout is over', () => {
    const [a] = pair();
    const file = fileOf('text');
    fill(a);
    expect(a.sendFile(file, 0, 4)).toBe(-1);
    a.timeout = 20;
    const start = performance.now();
    expect(a.sendFile(file, 0, 4)).toBe(-1);
    expect(performance.now() - start).toBeGreaterThanOrEqual(20);
  });

  it('throws EPIPE when the peer is gone, and ERR_FDPOLL_CLOSED after close', () => {
    const [a, b] = pair();
    const file = fileOf('text');
    b.close();
    expectFdError(() => a.sendFile(file, 0, 4), 'EPIPE');
    a.close();
    expectClosed(() => a.sendFile(file, 0, 4));
  });
});

describe('every call that sends or receives', () => {
  it('is a method of Socket, and throws a TypeError on what is no socket', () => {
    const names = ['recv', 'send', 'recvFrom', 'sendTo', 'recvMessage', 'sendMessage', 'sendFile', 'atMark'] as const;
    for (const name of [...names, 'recvBatch', 'sendBatch', 'sendSegments'] as const)
      for (const receiver of [{}, null, Object.create(Socket.prototype)])
        expect(() => Reflect.apply(Socket.prototype[name], receiver, [Buffer.alloc(1)]), name).toThrow(TypeError);
  });
});
