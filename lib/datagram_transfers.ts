import { type Address, encodeAddress } from './address.ts';
import { native } from './binding.ts';
import { type DatagramBatch, memoryOf, refuse } from './datagram_batch.ts';
import { closedError } from './errors.ts';
import { BAD_ARGUMENT, WOULD_BLOCK } from './native.ts';
import { failureOf, handleOf, type SocketHandle } from './socket_handle.ts';
import { contextOf } from './socket_setup.ts';
import { type Bytes, INT32_MAX, integer, wrongType } from './validate.ts';

const SEGMENT_MAX = 65535;
const NOBODY = new Uint8Array(0);

/** `Socket.recvBatch`, once. */
export function receiveBatch(socket: SocketHandle, batch: DatagramBatch): number {
  const { columns, arena } = memoryOf(batch);
  const answer = native.recvBatch(handleOf(socket), columns, arena, batch.size);
  batch.count = Math.max(0, answer);
  if (answer >= WOULD_BLOCK) return answer;
  if (answer === BAD_ARGUMENT) refuse(batch, 0);
  throw failureOf(socket, answer);
}

/** `Socket.sendBatch`, once. */
export function sendBatch(socket: SocketHandle, batch: DatagramBatch, from: number): number {
  const { columns, arena } = memoryOf(batch);
  const { count } = batch;
  // The addon would take a number modulo 2^32.
  const whole = Number.isInteger(from) && Number.isInteger(count) && from >= 0 && from <= count && count <= INT32_MAX;
  const answer = whole ? native.sendBatch(handleOf(socket), columns, arena, from, count) : BAD_ARGUMENT;
  if (answer >= WOULD_BLOCK) return answer;
  if (answer !== BAD_ARGUMENT) throw failureOf(socket, answer, socket.closed ? {} : contextOf(batch.address(from)));
  if (socket.closed) throw closedError('socket');
  refuse(batch, from);
}

/** `Socket.sendSegments`, once. */
export function sendSegments(
  socket: SocketHandle,
  buffer: Bytes,
  segmentSize: number,
  address: Address | undefined,
): number {
  const to = address === undefined ? NOBODY : encodeAddress(address);
  integer('segmentSize', segmentSize, 1, SEGMENT_MAX);
  const answer = native.sendSegments(handleOf(socket), buffer, segmentSize, to);
  if (answer >= WOULD_BLOCK) return answer;
  if (answer === BAD_ARGUMENT) throw wrongType('buffer', 'a Buffer, TypedArray or DataView', buffer);
  throw failureOf(socket, answer, address === undefined ? {} : contextOf(address));
}
