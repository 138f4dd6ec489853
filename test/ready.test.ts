import { getEventListeners } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FdError } from '../lib/fd_error.ts';
import { close, type Descriptor, dup, READ_CLOSED, READABLE, ready, WRITABLE } from '../lib/index.ts';
import type { ReadyOptions } from '../lib/ready.ts';
import { checkDescriptorsAfterEachTest } from './support/descriptors.ts';
import { closedNumber, closing, fill, openPipe, pair, poke, readByte, say } from './support/sockets.ts';

const rejection = async (promise: Promise<unknown>): Promise<NodeJS.ErrnoException> => {
  try {
    await promise;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
  return expect.fail('expected a rejection');
};

describe('ready', () => {
  checkDescriptorsAfterEachTest();

  it('resolves with the flags once they hold', async () => {
    const { read, write } = openPipe();
    const waiting = ready(read, READABLE);
    poke(write);
    expect(await waiting).toBe(READABLE);
    expect(await ready({ fd: write }, WRITABLE), 'what holds already').toBe(WRITABLE);
    readByte(read);
  });

  it('tells a peer that has closed', async () => {
    const [a, b] = pair();
    const waiting = ready(a, READABLE);
    b.close();
    expect(await waiting).toBe(READABLE | READ_CLOSED);
  });

  it('resolves with 0 when the time is over, and never early', async () => {
    const { read } = openPipe();
    for (const timeout of [0.3, 1, 5.5, 20]) {
      const start = performance.now();
      expect(await ready(read, READABLE, { timeout })).toBe(0);
      expect(performance.now() - start).toBeGreaterThanOrEqual(timeout);
    }
  });

  it('only looks when there is no time', async () => {
    const { read, write } = openPipe();
    for (const timeout of [0, -1, Number.NEGATIVE_INFINITY]) expect(await ready(read, READABLE, { timeout })).toBe(0);
    poke(write);
    expect(await ready(read, READABLE, { timeout: 0 })).toBe(READABLE);
  });

  it('takes longer times than a timer of Node does', async () => {
    const { read, write } = openPipe();
    const waiting = [ready(read, READABLE, { timeout: 2 ** 40 }), ready(read, READABLE, { timeout: Infinity })];
    poke(write);
    expect(await Promise.all(waiting)).toEqual([READABLE, READABLE]);
  });

  it('waits for different interests in one descriptor at once, each on its own', async () => {
    const [a, b] = pair();
    fill(a);
    const order: string[] = [];
    const note = async (name: string, flags: Promise<number>): Promise<void> => {
      order.push(`${name} ${await flags}`);
    };
    const readable = note('readable', ready(a, READABLE));
    const again = note('again', ready(a, READABLE));
    const writable = note('writable', ready(a, WRITABLE));
    const either = note('either', ready(a, READABLE | WRITABLE));
    say(b);
    await Promise.all([readable, again, either]);
    expect(order.sort()).toEqual([`again ${READABLE}`, `either ${READABLE}`, `readable ${READABLE}`]);
    while (b.recv(Buffer.alloc(65536)) > 0);
    await writable;
    expect(order).toContain(`writable ${WRITABLE}`);
  });

  it('waits for the same open file under two numbers', async () => {
    const { read, write } = openPipe();
    const other = dup(read);
    onTestFinished(() => close(other));
    const both = Promise.all([ready(read, READABLE), ready(other, READABLE)]);
    poke(write);
    expect(await both).toEqual([READABLE, READABLE]);
  });

  it('goes on for the others when one of them gives up', async () => {
    const { read, write } = openPipe();
    const controller = new AbortController();
    const aborted = ready(read, READABLE, { signal: controller.signal });
    const patient = ready(read, READABLE);
    expect(await ready(read, READABLE, { timeout: 1 })).toBe(0);
    controller.abort();
    expect((await rejection(aborted)).name).toBe('AbortError');
    poke(write);
    expect(await patient).toBe(READABLE);
  });

  it('waits for nothing with an interest of 0', async () => {
    const { read, write } = openPipe();
    poke(write);
    expect(await ready(read, 0, { timeout: 5 })).toBe(0);
  });

  it('rejects with the reason of the signal, and leaves no listener', async () => {
    const { read, write } = openPipe();
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = ready(read, READABLE, { signal, timeout: 60_000 });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    controller.abort();
    expect(await rejection(waiting)).toBe(signal.reason);
    expect(signal.reason.name).toBe('AbortError');
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);

    const reason = new Error('mine');
    expect(await rejection(ready(read, READABLE, { signal: AbortSignal.abort(reason) })), 'aborted before').toBe(
      reason,
    );

    const quiet = new AbortController();
    poke(write);
    await ready(read, READABLE, { signal: quiet.signal });
    expect(await ready(write, READABLE, { signal: quiet.signal, timeout: 1 })).toBe(0);
    expect(getEventListeners(quiet.signal, 'abort')).toHaveLength(0);
  });

  it('rejects with EBADF what is closed before or meanwhile', async () => {
    const error = await rejection(ready(closedNumber(), READABLE));
    expect(error).toBeInstanceOf(FdError);
    expect(error.code).toBe('EBADF');

    const { read, end } = openPipe();
    const waiting = [rejection(ready(read, READABLE)), rejection(ready(read, READABLE, { timeout: 60_000 }))];
    end(read, close);
    for (const { code } of await Promise.all(waiting)) expect(code).toBe('EBADF');

    const [a] = pair();
    const onSocket = rejection(ready(a, READABLE));
    a.close();
    expect((await onSocket).code).toBe('EBADF');
  });

  it('rejects the old ones when a number that was closed elsewhere is used again', async () => {
    const { read, end } = openPipe();
    const old = rejection(ready(read, READABLE));
    end(read, closeSync);
    const [a, b] = pair();
    const reused = dup(a);
    onTestFinished(() => close(reused));
    const sockets = [a.fd, b.fd, reused];
    expect(sockets, 'the number is used again').toContain(read);
    say(a);
    say(b);
    expect(await ready(read, READABLE)).toBe(READABLE);
    expect((await old).code).toBe('EBADF');
  });

  it('rejects regular files with EPERM', async () => {
    const file = openSync(fileURLToPath(import.meta.url), 'r');
    onTestFinished(() => closeSync(file));
    expect((await rejection(ready(file, READABLE))).code).toBe('EPERM');
    expect((await rejection(ready(file, READABLE, { timeout: 0 }))).code).toBe('EPERM');
  });

  it.each<[string, unknown, unknown, unknown]>([
    ['ERR_INVALID_ARG_TYPE', 'x', READABLE, {}],
    ['ERR_OUT_OF_RANGE', -1, READABLE, {}],
    ['ERR_OUT_OF_RANGE', 2 ** 31, READABLE, {}],
    ['ERR_OUT_OF_RANGE', Number.NaN, READABLE, {}],
    ['ERR_INVALID_ARG_TYPE', 0, '1', {}],
    ['ERR_OUT_OF_RANGE', 0, 64, {}],
    ['ERR_INVALID_ARG_TYPE', 0, READABLE, null],
    ['ERR_INVALID_ARG_TYPE', 0, READABLE, { timeout: '5' }],
    ['ERR_OUT_OF_RANGE', 0, READABLE, { timeout: Number.NaN }],
    ['ERR_INVALID_ARG_TYPE', 0, READABLE, { signal: {} }],
  ])('rejects with %s what is wrong: %j, %j, %j', async (code, descriptor, interest, options) => {
    const error = await rejection(ready(descriptor as Descriptor, interest as number, options as ReadyOptions));
    expect(error.code).toBe(code);
  });

  it('is ready again and again', async () => {
    const { read, write } = openPipe();
    for (let i = 0; i < 100; i++) {
      const waiting = ready(read, READABLE);
      poke(write);
      await waiting;
      readByte(read);
    }
    const [a, b] = pair();
    closing(a);
    say(b);
    expect(await ready(a, READABLE)).toBe(READABLE);
  });
});
