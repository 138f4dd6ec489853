import { expect } from 'vitest';
import { type Address, DatagramBatch, READABLE, Socket, WRITABLE, waitFor } from '../../lib/index.ts';
import { systemNumber } from '../../lib/socket_kinds.ts';
import { addressOf, closing } from './sockets.ts';

export const linux: boolean = process.platform === 'linux';

/** A bound datagram socket on loopback. */
export const datagramSocket = (address: Address = '127.0.0.1:0'): Socket =>
  closing(Socket.listen(address, { type: 'dgram' }));

/** A bound datagram socket whose peer is another one. */
export const connectedTo = (peer: Socket): Socket => {
  const socket = closing(Socket.connect(addressOf(peer), { type: 'dgram' }));
  expect(waitFor(socket, WRITABLE, 2000)).toBe(WRITABLE);
  return socket;
};

/** Switches on an option that is a number or a boolean, by the names of this system's headers. */
export const setNumber = (socket: Socket, level: string, name: string, value = 1): void =>
  socket.setOption(systemNumber(level), systemNumber(name), value);

/** Fills the next slot. Without an address it goes to the peer of a connected socket. */
export const put = (batch: DatagramBatch, text: string, to?: Address): number => {
  const i = batch.count++;
  batch.lengths[i] = batch.slot(i).write(text, 'latin1');
  batch.segments[i] = 0;
  if (to === undefined) batch.addressLengths[i] = 0;
  else batch.setAddress(i, to);
  return i;
};

/** A batch to be sent, of these texts. */
export const batchOf = (texts: readonly string[], to?: Address): DatagramBatch => {
  const batch = new DatagramBatch(Math.max(1, texts.length));
  for (const text of texts) put(batch, text, to);
  return batch;
};

export const textAt = (batch: DatagramBatch, i: number): string => {
  const begin = batch.offsets[i] ?? 0;
  return batch.arena.toString('latin1', begin, begin + (batch.lengths[i] ?? 0));
};

export const textsOf = (batch: DatagramBatch): string[] =>
  Array.from({ length: batch.count }, (_, i) => textAt(batch, i));

/** One receive, as soon as something is there. */
export const receive = (socket: Socket, capacity = 64, size = 2048): DatagramBatch => {
  const batch = new DatagramBatch(capacity, { size });
  expect(waitFor(socket, READABLE, 2000)).toBe(READABLE);
  expect(socket.recvBatch(batch)).toBe(batch.count);
  expect(batch.count).toBeGreaterThan(0);
  return batch;
};

/** The texts of so many datagrams, which may take several receives. */
export const receiveTexts = (socket: Socket, count: number, capacity = 64): string[] => {
  const texts: string[] = [];
  while (texts.length < count) texts.push(...textsOf(receive(socket, capacity)));
  return texts;
};

/** The host of a sockaddr in a column of them, in the form that `addressOf` shows. */
export const localHost = (batch: DatagramBatch, i: number): string => {
  const probe = new DatagramBatch(1);
  const bytes = batch.locals.subarray(i * 128, i * 128 + 128);
  if (bytes.every((byte) => byte === 0)) return '';
  probe.setAddress(0, bytes);
  const address = probe.address(0);
  expect('port' in address ? address.port : -1).toBe(0);
  return 'host' in address ? address.host : expect.fail('a local address has a host');
};
