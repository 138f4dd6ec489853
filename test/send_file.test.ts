import { mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { native } from '../lib/binding.ts';
import { close } from '../lib/descriptors.ts';
import { fromAnswer } from '../lib/errors.ts';
import { CLOSED_HANDLE } from '../lib/native.ts';
import { sendFile } from '../lib/send_file.ts';
import { systemNumber } from '../lib/socket_kinds.ts';
import { checkDescriptorsAfterEachTest } from './support/descriptors.ts';
import { expectOutOfRange, expectWrongType } from './support/expect.ts';
import { closedNumber, openPipe } from './support/sockets.ts';

const open = (content: string | Buffer): number => {
  const folder = mkdtempSync(join(tmpdir(), 'fdpoll-'));
  writeFileSync(join(folder, 'file'), content);
  const fd = openSync(join(folder, 'file'), 'r');
  onTestFinished(() => {
    close(fd);
    rmSync(folder, { recursive: true });
  });
  return fd;
};

/** Two connected sockets, as the addon knows them. */
const handles = (): [number, number] => {
  const pair = native.openSocketPair(systemNumber('SOCK_STREAM'));
  if (typeof pair === 'number') throw fromAnswer(pair);
  onTestFinished(() => {
    for (const handle of pair) native.closeSocket(handle);
  });
  return pair;
};

const received = (handle: number): string => {
  const buffer = Buffer.alloc(65536);
  return buffer.toString('latin1', 0, native.recv(handle, buffer));
};

describe('sendFile', () => {
  checkDescriptorsAfterEachTest();

  it('sends a part of the file, whose own position stays', () => {
    const [a, b] = handles();
    const fd = open('0123456789');
    readSync(fd, Buffer.alloc(4));
    expect(sendFile(a, fd, 2, 3)).toBe(3);
    expect(received(b)).toBe('234');
    expect(sendFile(a, { fd }, 0, Number.MAX_SAFE_INTEGER)).toBe(10);
    expect(received(b)).toBe('0123456789');
    const rest = Buffer.alloc(16);
    expect(rest.toString('latin1', 0, readSync(fd, rest))).toBe('456789');
  });

  it('is 0 at the end and beyond, and for no bytes', () => {
    const [a] = handles();
    const fd = open('0123456789');
    expect(sendFile(a, fd, 10, 1)).toBe(0);
    expect(sendFile(a, fd, 2 ** 40, 1)).toBe(0);
    expect(sendFile(a, fd, 0, 0)).toBe(0);
  });

  it('is -1 when there is no room, after as much as there was', () => {
    const [a, b] = handles();
    const content = Buffer.alloc(4 << 20, 'content ');
    const fd = open(content);
    let sent = 0;
    for (let n = 0; n >= 0; n = sendFile(a, fd, sent, content.length - sent)) sent += n;
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(content.length);
    expect(sendFile(a, fd, sent, 1)).toBe(-1);
    let text = '';
    while (text.length < sent) text += received(b);
    expect(text).toBe(content.toString('latin1', 0, sent));
  });

  it('answers with what the system says', () => {
    const [a, b] = handles();
    const answer = (call: () => number): Error => fromAnswer(call());
    expect(answer(() => sendFile(a, closedNumber(), 0, 1))).toMatchObject({ code: 'EBADF' });
    expect(answer(() => sendFile(a, openPipe().read, 0, 1))).toMatchObject({ errno: expect.any(Number) });
    native.closeSocket(b);
    expect(answer(() => sendFile(a, open('x'), 0, 1))).toMatchObject({ code: 'EPIPE' });
    expect(sendFile(b, open('x'), 0, 1)).toBe(CLOSED_HANDLE);
  });

  it('refuses what is no file and no range', () => {
    const [a] = handles();
    const fd = open('x');
    for (const value of ['0', null, 1n, {}]) {
      expectWrongType(() => sendFile(a, value as unknown as number, 0, 1));
      expect(expectWrongType(() => sendFile(a, fd, value as unknown as number, 1)).message).toMatch(/^"offset"/);
      expect(expectWrongType(() => sendFile(a, fd, 0, value as unknown as number)).message).toMatch(/^"count"/);
    }
    for (const value of [-1, 0.5, Number.NaN, Infinity, 2 ** 53]) {
      expectOutOfRange(() => sendFile(a, fd, value, 1));
      expectOutOfRange(() => sendFile(a, fd, 0, value));
    }
    for (const wrong of [-1, 2 ** 31]) expectOutOfRange(() => sendFile(a, wrong, 0, 1));
  });
});
