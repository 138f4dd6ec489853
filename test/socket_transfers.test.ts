import { afterEach, describe, expect, it, vi } from 'vitest';
import { native } from '../lib/binding.ts';
import type { Bytes } from '../lib/index.ts';
import { BAD_ARGUMENT, WOULD_BLOCK } from '../lib/native.ts';
import { Socket } from '../lib/socket.ts';
import { failed } from './support/answers.ts';
import { expectClosed, expectFdError, expectOutOfRange, expectWrongType } from './support/expect.ts';
import { closing, pair } from './support/sockets.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const inet = (): Socket => closing(new Socket('inet', 'stream'));

describe('a transfer', () => {
  it.each(['recv', 'send'] as const)('%s gives the answer through, and would-block as -1', (name) => {
    const socket = inet();
    for (const answer of [0, 1, 2 ** 31 - 1, WOULD_BLOCK]) {
      vi.spyOn(native, name).mockReturnValueOnce(answer);
      expect(socket[name](Buffer.alloc(1))).toBe(answer);
    }
    vi.spyOn(native, name).mockReturnValueOnce(failed(name, 'ECONNRESET'));
    expect(expectFdError(() => socket[name](Buffer.alloc(1)), 'ECONNRESET', name).fd).toBe(socket.fd);
  });

  it.each([
    [[9], /^"offset" must be >= 0 and <= 8\. Received 9/],
    [[-1], /^"offset"/],
    [[0.5], /^"offset" must be an integer/],
    [[2 ** 53], /^"offset"/],
    [[2, 7], /^"length" must be >= 0 and <= 6\. Received 7/],
    [[0, -1], /^"length"/],
    [[0, Number.NaN], /^"length"/],
    [[0, 1, -1], /^"flags"/],
    [[0, 1, 2 ** 31], /^"flags"/],
  ] as const)('with %o names what is out of range, and nothing moves', (args, message) => {
    const [a, b] = pair();
    b.send(Buffer.from('text'));
    expect(expectOutOfRange(() => a.recv(Buffer.alloc(8), ...args)).message).toMatch(message);
    expect(expectOutOfRange(() => a.send(Buffer.alloc(8), ...args)).message).toMatch(message);
    expect(a.recv(Buffer.alloc(8))).toBe(4);
    expect(b.recv(Buffer.alloc(8))).toBe(-1);
  });

  it.each(['text', new ArrayBuffer(8), [1], null, undefined, 8])('with the buffer %o names the buffer', (value) => {
    const [a] = pair();
    const buffer = value as unknown as Bytes;
    for (const args of [[], [0, 1], [4]]) {
      expect(expectWrongType(() => a.recv(buffer, ...args)).message).toMatch(/^"buffer"/);
      expect(expectWrongType(() => a.send(buffer, ...args)).message).toMatch(/^"buffer"/);
    }
  });

  it('on a closed socket is ERR_FDPOLL_CLOSED, whatever the arguments', () => {
    const [a] = pair();
    a.close();
    const wrong = null as unknown as Bytes;
    for (const [buffer, offset] of [
      [Buffer.alloc(1), 0],
      [Buffer.alloc(1), 0.5],
      [wrong, -1],
    ] as const) {
      expectClosed(() => a.recv(buffer, offset));
      expectClosed(() => a.send(buffer, offset));
    }
  });

  it('that the addon refuses although all seems right is refused', () => {
    vi.spyOn(native, 'recv').mockReturnValue(BAD_ARGUMENT);
    expect(expectWrongType(() => inet().recv(Buffer.alloc(1))).message).toMatch(/^"buffer"/);
  });
});
