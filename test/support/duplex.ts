import { once } from 'node:events';
import type { Duplex, Readable } from 'node:stream';
import { expect, onTestFinished } from 'vitest';
import { READABLE, ready, type Socket, type SocketDuplex, type ToDuplexOptions, toDuplex } from '../../lib/index.ts';
import { connection, pair } from './sockets.ts';

/** A stream that is destroyed when the test ends. */
export const streamOf = (socket: Socket, options?: ToDuplexOptions): SocketDuplex => {
  const stream = toDuplex(socket, options);
  onTestFinished(() => void stream.destroy());
  return stream;
};

/** A stream, and the socket of its peer, over TCP. */
export const streamAndPeer = (options?: ToDuplexOptions): [SocketDuplex, Socket] => {
  const [client, server] = connection();
  return [streamOf(server, options), client];
};

/** Two streams that are connected to each other, over TCP or unix. */
export const streams = (options?: ToDuplexOptions, kind: 'tcp' | 'unix' = 'tcp'): [SocketDuplex, SocketDuplex] => {
  const [a, b] = kind === 'tcp' ? connection() : pair();
  return [streamOf(a, options), streamOf(b, options)];
};

/** What a socket receives, until there are so many bytes. */
export const receive = async (socket: Socket, length: number): Promise<Buffer> => {
  const buffer = Buffer.alloc(length);
  for (let got = 0; got < length; ) {
    if ((await ready(socket, READABLE, { timeout: 5000 })) === 0) expect.fail(`${got} of ${length} bytes came`);
    const n = socket.recv(buffer, got);
    if (n === 0) expect.fail(`the end came after ${got} of ${length} bytes`);
    got += Math.max(0, n);
  }
  return buffer;
};

/** The end comes, and nothing before it. */
export const expectEnd = async (socket: Socket): Promise<void> => {
  expect(await ready(socket, READABLE, { timeout: 5000 })).not.toBe(0);
  expect(socket.recv(Buffer.alloc(1))).toBe(0);
};

/** All that comes until the end. (`for await` would destroy a stream that still writes.) */
export const all = (stream: Readable): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream
      .once('end', () => resolve(Buffer.concat(chunks)))
      .once('error', reject)
      .resume();
  });

/** What comes until there are so many bytes; the stream is not touched further. */
export const take = (stream: Duplex, length: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let got = 0;
    const collect = (chunk: Buffer): void => {
      chunks.push(chunk);
      got += chunk.length;
      if (got < length) return;
      stream.off('data', collect).off('error', reject).pause();
      resolve(Buffer.concat(chunks));
    };
    stream.on('data', collect).once('error', reject).resume();
  });

/** Resolves when the stream has closed; an error on the way is no failure. */
export const closed = async (stream: Duplex): Promise<void> => {
  // What is closed may have its event still to come.
  await new Promise((resolve) => (stream.closed ? setImmediate(resolve) : stream.once('close', resolve)));
};

export const errorOf = async (stream: Duplex): Promise<NodeJS.ErrnoException> => {
  const [error] = (await once(stream, 'error')) as [NodeJS.ErrnoException];
  return error;
};

/** Bytes that tell where they belong. */
export const pattern = (length: number): Buffer =>
  Buffer.alloc(
    length,
    Uint8Array.from({ length: 65521 }, (_, i) => (i * 31) >> 3),
  );

/** The names of the events of a stream, as they come. */
export const eventsOf = (stream: Duplex): string[] => {
  const seen: string[] = [];
  for (const name of ['connect', 'ready', 'end', 'finish', 'error', 'close', 'timeout'])
    stream.on(name, () => void seen.push(name));
  return seen;
};

/** Serves each connection of a listener as a stream, until the test ends. */
export const serve = (listener: Socket, options: ToDuplexOptions, each: (stream: SocketDuplex) => void): void => {
  const controller = new AbortController();
  const streams = new Set<SocketDuplex>();
  onTestFinished(() => {
    controller.abort();
    for (const stream of streams) stream.destroy();
  });
  const accept = async (): Promise<void> => {
    for (;;) {
      await ready(listener, READABLE, { signal: controller.signal });
      for (const socket of listener.acceptAll()) {
        const stream = toDuplex(socket, options);
        streams.add(stream.once('close', () => streams.delete(stream)));
        each(stream);
      }
    }
  };
  accept().catch((error: unknown) => {
    if (!controller.signal.aborted && !listener.closed) throw error;
  });
};
