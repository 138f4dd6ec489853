import type { Socket } from 'node:net';

/** What comes until there are so many bytes; what comes after them stays in the socket. */
export const collect = async (socket: Socket, length: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let missing = length;
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    missing -= chunk.length;
    if (missing <= 0) break;
  }
  return Buffer.concat(chunks);
};

/** Writes, and reads as many bytes back. */
export const echoOf = (socket: Socket, data: Buffer): Promise<Buffer> => {
  socket.write(data);
  return collect(socket, data.length);
};
