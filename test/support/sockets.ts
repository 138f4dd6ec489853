import { closeSync, readSync, writeSync } from 'node:fs';
import { expect, onTestFinished } from 'vitest';
import { type Address, type AddressObject, dup, pipe, READABLE, Socket, WRITABLE, waitFor } from '../../lib/index.ts';

/** Closed when the test ends; a socket that the test closed or detached itself is left alone. */
export const closing = <T extends { close(): void }>(resource: T): T => {
  onTestFinished(() => resource.close());
  return resource;
};

/** A connected pair of unix stream sockets. */
export const pair = (): [Socket, Socket] => {
  const [a, b] = Socket.pair();
  return [closing(a), closing(b)];
};

/** A pipe; what the test has not closed with `end` is closed when it is over. */
export interface Pipe {
  readonly read: number;
  readonly write: number;
  /** Closes one end, behind the library's back when not told otherwise. */
  end(fd: number, how?: (fd: number) => void): void;
}

const ownedPipe = (read: number, write: number): Pipe => {
  const open = new Set([read, write]);
  const end = (fd: number, how = closeSync): void => {
    if (open.delete(fd)) how(fd);
  };
  onTestFinished(() => {
    for (const fd of [...open]) end(fd);
  });
  return { read, write, end };
};

export const openPipe = (): Pipe => ownedPipe(...pipe());

/** A new pipe whose read end has this number, which is free: how a number is used again. */
export const openPipeAt = (number: number): Pipe => {
  let [read, write] = pipe();
  if (write === number) {
    const moved = dup(write);
    closeSync(write);
    write = moved;
  }
  const spare: number[] = [];
  while (read < number) {
    spare.push(read);
    read = dup(read);
  }
  for (const fd of spare) closeSync(fd);
  const reused = ownedPipe(read, write);
  expect(read, 'the number is free').toBe(number);
  return reused;
};

/** A descriptor number that nothing has open. */
export const closedNumber = (): number => {
  const [read, write] = pipe();
  closeSync(read);
  closeSync(write);
  return Math.max(read, write);
};

export const bytes = (text: string): Buffer => Buffer.from(text);

/** Sends all of it, and fails when the socket would block. */
export const say = (socket: Socket, text = 'x'): void => {
  expect(socket.send(bytes(text))).toBe(Buffer.byteLength(text));
};

/** Reads until the socket would block or ends; `ended` says which. */
export const drain = (socket: Socket, size = 65536): { text: string; ended: boolean } => {
  const buffer = Buffer.alloc(size);
  let text = '';
  for (;;) {
    const n = socket.recv(buffer);
    if (n <= 0) return { text, ended: n === 0 };
    text += buffer.toString('latin1', 0, n);
  }
};

/** Sends until the socket would block; returns how many bytes went. */
export const fill = (socket: Socket): number => {
  const block = Buffer.alloc(65536, 'f');
  let sent = 0;
  for (let i = 0; i < 10_000; i++) {
    const n = socket.send(block);
    if (n < 0) return sent;
    sent += n;
  }
  return expect.fail('the socket never blocks');
};

export const poke = (fd: number): void => {
  writeSync(fd, 'x');
};

export const readByte = (fd: number): void => {
  readSync(fd, Buffer.alloc(1));
};

/** Accepts one connection, which may take a moment to come through. */
export const acceptOne = (listener: Socket): Socket => {
  expect(waitFor(listener, READABLE, 2000)).toBe(READABLE);
  const socket = listener.accept();
  if (!socket) return expect.fail('a readable listener has a connection');
  return closing(socket);
};

export const listen = (address: Address = '127.0.0.1:0'): Socket => closing(Socket.listen(address));

export const addressOf = (socket: Socket): AddressObject => {
  const address = socket.localAddress;
  return address ?? expect.fail('the socket has no address');
};

export const portOf = (socket: Socket): number => {
  const address = addressOf(socket);
  return 'port' in address ? address.port : expect.fail('the address has no port');
};

/** A client whose connection is established. */
export const connect = (address: Address): Socket => {
  const client = closing(Socket.connect(address));
  expect(waitFor(client, WRITABLE, 2000)).toBe(WRITABLE);
  return client;
};

/** A client and the accepted socket of one established connection. */
export const connection = (address: Address = '127.0.0.1:0'): [client: Socket, server: Socket] => {
  const listener = listen(address);
  const client = connect(addressOf(listener));
  const server = acceptOne(listener);
  listener.close();
  return [client, server];
};

/** Closes with unread bytes in the receive buffer, which resets the connection: `victim` gets ECONNRESET. */
export const reset = (closer: Socket, victim: Socket): void => {
  say(victim, 'unread');
  expect(waitFor(closer, READABLE, 2000)).toBe(READABLE);
  closer.close();
};
