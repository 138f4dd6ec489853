import { closeSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { READ_CLOSED, READABLE, WRITABLE, WRITE_CLOSED, waitFor, waitForAll } from '../../lib/index.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { expectFdError, expectOutOfRange, expectWrongType } from '../support/expect.ts';
import { closedNumber, closing, connection, drain, fill, listen, openPipe, pair, say } from '../support/sockets.ts';
import { startHelper } from '../support/threads.ts';

const never = (call: () => number, timeout: number): void => {
  const start = performance.now();
  expect(call()).toBe(0);
  expect(performance.now() - start).toBeGreaterThanOrEqual(timeout);
};

describe('waitFor', () => {
  checkDescriptorsAfterEachTest();

  it('gives the flags of one descriptor, and 0 when the time is over', () => {
    const [a, b] = pair();
    never(() => waitFor(a, READABLE, 0), 0);
    never(() => waitFor(a, READABLE, 15), 15);
    never(() => waitFor(a, READABLE, 0.4), 0.4);
    expect(waitFor(a, WRITABLE, 0)).toBe(WRITABLE);
    say(b);
    expect(waitFor(a, READABLE, 1000)).toBe(READABLE);
    expect(waitFor(a.fd, READABLE | WRITABLE)).toBe(READABLE | WRITABLE);
    expect(waitFor({ fd: a.fd }, READABLE)).toBe(READABLE);
    drain(a);
    never(() => waitFor(a, READABLE, -1), 0);
  });

  it('reports a hang-up by the interest', () => {
    const [a, b] = pair();
    b.close();
    expect(waitFor(a, READABLE, 1000)).toBe(READABLE | READ_CLOSED);
    expect(waitFor(a, WRITABLE, 1000)).toBe(WRITABLE | WRITE_CLOSED);
  });

  it('says nothing of a half-closed peer to who asks for WRITABLE alone', () => {
    const [client, server] = connection();
    fill(server);
    client.shutdown('write');
    never(() => waitFor(server, WRITABLE, 20), 20);
    expect(waitFor(server, READABLE, 1000)).toBe(READABLE | READ_CLOSED);
  });

  it('waits for ever by default: another thread ends it', async () => {
    const helper = await startHelper();
    const { read, write } = openPipe();
    helper.write(write, 20);
    expect(waitFor(read, READABLE)).toBe(READABLE);
  });

  it('throws EBADF for a closed number and ERR_OUT_OF_RANGE for what is none', () => {
    expectFdError(() => waitFor(closedNumber(), READABLE, 0), 'EBADF');
    for (const fd of [-1, 1.5, Number.NaN, 2 ** 31, Infinity]) expectOutOfRange(() => waitFor(fd, READABLE, 0));
    for (const fd of ['0', null, undefined, {}, { fd: '1' }, 1n, []])
      expectWrongType(() => waitFor(fd as unknown as number, READABLE, 0));
    const [a] = pair();
    expectOutOfRange(() => waitFor(a, READABLE, Number.NaN));
    expectOutOfRange(() => waitFor(a, -1, 0));
    expectWrongType(() => waitFor(a, '1' as unknown as number, 0));
    expectWrongType(() => waitFor(a, READABLE, '0' as unknown as number));
  });

  it('takes no registration: a poller may have the descriptor too, and it can be a listener', () => {
    const listener = listen();
    never(() => waitFor(listener, READABLE, 5), 5);
    closing(listener);
  });
});

describe('waitForAll', () => {
  checkDescriptorsAfterEachTest();

  it('writes the flags of each and gives the number of ready ones', () => {
    const [a, b] = pair();
    const [c] = pair();
    const fds = Int32Array.of(a.fd, b.fd, c.fd);
    const flags = Uint32Array.of(99, 99, 99);
    expect(waitForAll(fds, Uint32Array.of(READABLE, READABLE, READABLE), flags, 0)).toBe(0);
    expect([...flags]).toEqual([0, 0, 0]);
    say(b);
    expect(waitForAll(fds, Uint32Array.of(READABLE, READABLE, READABLE), flags, 1000)).toBe(1);
    expect([...flags]).toEqual([READABLE, 0, 0]);
    expect(waitForAll(fds, Uint32Array.of(READABLE, WRITABLE, READABLE | WRITABLE), flags)).toBe(3);
    expect([...flags]).toEqual([READABLE, WRITABLE, WRITABLE]);
  });

  it('lasts its time when nothing is ready', () => {
    const [a] = pair();
    const flags = new Uint32Array(1);
    never(() => waitForAll(Int32Array.of(a.fd), Uint32Array.of(READABLE), flags, 12), 12);
    never(() => waitForAll(new Int32Array(0), new Uint32Array(0), new Uint32Array(0), 5), 5);
  });

  it('takes the same descriptor more than once', () => {
    const [a, b] = pair();
    say(b);
    const flags = new Uint32Array(2);
    expect(waitForAll(Int32Array.of(a.fd, a.fd), Uint32Array.of(READABLE, WRITABLE), flags, 0)).toBe(2);
    expect([...flags]).toEqual([READABLE, WRITABLE]);
  });

  it('takes hundreds', () => {
    const pairs = Array.from({ length: 300 }, () => pair());
    const fds = Int32Array.from(pairs, ([a]) => a.fd);
    const flags = new Uint32Array(300);
    say(pairs[123]?.[1] ?? expect.fail('no pair'));
    expect(waitForAll(fds, new Uint32Array(300).fill(READABLE), flags, 1000)).toBe(1);
    expect(flags.indexOf(READABLE)).toBe(123);
  });

  it('refuses arrays that are none, of other types, and of other lengths', () => {
    const fds = new Int32Array(2);
    const interests = new Uint32Array(2);
    const flags = new Uint32Array(2);
    for (const wrong of [null, undefined, [0, 0], 'ab', new Float64Array(2), new DataView(new ArrayBuffer(8))]) {
      expectWrongType(() => waitForAll(wrong as unknown as Int32Array, interests, flags, 0));
      expectWrongType(() => waitForAll(fds, wrong as unknown as Uint32Array, flags, 0));
      expectWrongType(() => waitForAll(fds, interests, wrong as unknown as Uint32Array, 0));
    }
    expectOutOfRange(() => waitForAll(fds, new Uint32Array(1), flags, 0));
    expectOutOfRange(() => waitForAll(fds, interests, new Uint32Array(1), 0));
    expectOutOfRange(() => waitForAll(fds, interests, flags, Number.NaN));
  });

  it('survives arrays whose memory was transferred away', () => {
    const [a] = pair();
    const gone = Int32Array.of(a.fd);
    structuredClone(gone, { transfer: [gone.buffer] });
    expect(() => waitForAll(gone, new Uint32Array(1), new Uint32Array(1), 0)).toThrow(Error);
    const flags = new Uint32Array(1);
    structuredClone(flags, { transfer: [flags.buffer] });
    expect(() => waitForAll(Int32Array.of(a.fd), Uint32Array.of(READABLE), flags, 0)).toThrow(Error);
  });

  it('does not hide a closed number behind the others', () => {
    const [a] = pair();
    const number = closedNumber();
    const flags = new Uint32Array(2);
    const fds = Int32Array.of(a.fd, number);
    let outcome: unknown;
    try {
      waitForAll(fds, Uint32Array.of(WRITABLE, READABLE), flags, 0);
      outcome = flags[1];
    } catch (error) {
      outcome = (error as { code?: string }).code;
    }
    expect(outcome === 'EBADF' || (typeof outcome === 'number' && outcome > 0)).toBe(true);
    closeSync(a.detach());
  });
});
