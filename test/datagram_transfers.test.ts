import { afterEach, expect, it, vi } from 'vitest';
import { native } from '../lib/binding.ts';
import { DatagramBatch, Socket } from '../lib/index.ts';
import { WOULD_BLOCK } from '../lib/native.ts';
import { failed } from './support/answers.ts';
import { expectClosed, expectFdError, expectOutOfRange } from './support/expect.ts';
import { closing } from './support/sockets.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const datagram = (): Socket => closing(Socket.listen('127.0.0.1:0', { type: 'dgram' }));

it('a batch counts what the addon received, and nothing when it failed or would block', () => {
  const [socket, batch] = [datagram(), new DatagramBatch(4)];
  for (const [answer, count] of [
    [3, 3],
    [WOULD_BLOCK, 0],
  ] as const) {
    batch.count = 2;
    vi.spyOn(native, 'recvBatch').mockReturnValueOnce(answer);
    expect(socket.recvBatch(batch)).toBe(answer);
    expect(batch.count).toBe(count);
  }
  batch.count = 2;
  vi.spyOn(native, 'recvBatch').mockReturnValueOnce(failed('recvmmsg', 'ECONNREFUSED'));
  expect(expectFdError(() => socket.recvBatch(batch), 'ECONNREFUSED', 'recvmmsg').fd).toBe(socket.fd);
  expect(batch.count).toBe(0);
});

it('the error of a datagram names its address', () => {
  const [socket, batch] = [datagram(), new DatagramBatch(4)];
  batch.setAddress(1, '127.0.0.1:9');
  batch.count = 2;
  vi.spyOn(native, 'sendBatch').mockReturnValue(failed('sendmmsg', 'EPERM'));
  expect(expectFdError(() => socket.sendBatch(batch, 1), 'EPERM', 'sendmmsg')).toMatchObject({
    address: '127.0.0.1',
    port: 9,
  });
});

it('a place to begin that is none is out of range, and the addon is not asked', () => {
  const [socket, batch] = [datagram(), new DatagramBatch(4)];
  const asked = vi.spyOn(native, 'sendBatch');
  for (const from of [-1, 0.5, 1, Number.NaN, 2 ** 32]) expectOutOfRange(() => socket.sendBatch(batch, from));
  expect(asked).not.toHaveBeenCalled();
  expect(socket.sendBatch(batch)).toBe(0);
});

it('a closed socket is ERR_FDPOLL_CLOSED, whatever the batch says', () => {
  const [socket, batch] = [datagram(), new DatagramBatch(4)];
  socket.close();
  expectClosed(() => socket.recvBatch(batch));
  expectClosed(() => socket.sendBatch(batch));
  expectClosed(() => socket.sendSegments(Buffer.alloc(8), 4));
});
