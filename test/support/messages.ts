import { closeSync } from 'node:fs';
import { expect, onTestFinished } from 'vitest';
import { type Address, type Message, READABLE, Socket, type SocketType, waitFor } from '../../lib/index.ts';
import { systemNumber } from '../../lib/socket_kinds.ts';
import { closing } from './sockets.ts';

export const linux: boolean = process.platform === 'linux';

/** A datagram socket that is bound to this address. */
export const bound = (address: Address = '127.0.0.1:0'): Socket => closing(Socket.listen(address, { type: 'dgram' }));

/** Two datagram sockets, each bound. */
export const twoBound = (address: Address = '127.0.0.1:0'): [Socket, Socket] => [bound(address), bound(address)];

export const pairOf = (type: SocketType): [Socket, Socket] => {
  const [a, b] = Socket.pair(type);
  return [closing(a), closing(b)];
};

/** Switches an option on by the names of its level and itself. */
export const switchOn = (socket: Socket, level: string, name: string): void =>
  socket.setOption(systemNumber(level), systemNumber(name), 1);

/** The next message, which may take a moment to come through. */
export const nextMessage = (
  socket: Socket,
  size = 65536,
  options?: { flags?: number; controlSize?: number; maxFds?: number },
): Message & { text: string } => {
  expect(waitFor(socket, READABLE, 2000) & READABLE, 'a message comes').toBe(READABLE);
  const buffer = Buffer.alloc(size);
  const message = socket.recvMessage(buffer, options);
  if (message === undefined) return expect.fail('a readable socket has a message');
  for (const fd of message.fds) closingFd(fd);
  return { ...message, text: buffer.toString('latin1', 0, Math.min(message.bytes, size)) };
};

/** A descriptor that is closed when the test ends. */
export const closingFd = (fd: number): number => {
  onTestFinished(() => {
    try {
      closeSync(fd);
    } catch (error) {
      // The test has closed it itself.
      if ((error as NodeJS.ErrnoException).code !== 'EBADF') throw error;
    }
  });
  return fd;
};
