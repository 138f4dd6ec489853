import type { Address, AddressObject } from './address.ts';
import { encodedAddress } from './address_memo.ts';
import { type Ancillary, ancillaryFrame, notLocal } from './ancillary.ts';
import { native } from './binding.ts';
import { type Context, closedError } from './errors.ts';
import { FdError } from './fd_error.ts';
import { CONTROL_DEFAULT, FD_COUNT, type Message, MessageFrame } from './message_frame.ts';
import { BAD_ARGUMENT, WOULD_BLOCK } from './native.ts';
import { factsOf, failureOf, handleOf, type SocketHandle } from './socket_handle.ts';
import { systemNumber } from './socket_kinds.ts';
import { contextOf } from './socket_setup.ts';
import { type Bytes, INT32_MAX, integer, optionsOf, viewOf, wrongType } from './validate.ts';

/** What `recvFrom` gives. */
export interface Datagram {
  /** Received into the buffer. */
  bytes: number;
  /** The sender; of a connected stream, the peer. An unnamed unix socket has the path `''`. */
  address: AddressObject;
}

/** How `recvMessage` receives. */
export interface RecvMessageOptions {
  /** MSG_*: MSG_PEEK, MSG_TRUNC, MSG_ERRQUEUE, ... */
  flags?: number | undefined;
  /** Bytes of control data that may come, with their headers. Default: enough for everything. */
  controlSize?: number | undefined;
  /**
   * The most descriptors that a message may bring. Of one that brings more none is kept: all are closed, and
   * `controlTruncated` is true. Default: as many as the control space holds.
   */
  maxFds?: number | undefined;
}

/** What `sendMessage` sends beside the bytes. */
export interface OutgoingMessage extends Ancillary {
  /** Default: the peer of `connect`. */
  address?: Address | undefined;
  /** MSG_* of this call. */
  flags?: number | undefined;
}

const CONTROL_MAX = 1 << 20;
const FDS_MAX = CONTROL_MAX / 4; // no control space holds more
const PARTS_MAX = 1024; // more are EMSGSIZE

// One for all calls: what is in it was read before anything of the caller's runs again. Made when it is first used.
let shared: MessageFrame | undefined;

function usualFrame(): MessageFrame {
  shared ??= new MessageFrame(CONTROL_DEFAULT);
  return shared;
}

/** Whether a call that found nothing is to wait. The error queue announces itself as ERROR: nothing to wait for. */
export function waits(socket: SocketHandle, flags: number): boolean {
  if (socket.timeout === 0) return false;
  return (flags & (systemNumber('MSG_DONTWAIT') | systemNumber('MSG_ERRQUEUE'))) === 0;
}

function areFlags(flags: number): boolean {
  return Number.isInteger(flags) && flags >= 0 && flags <= INT32_MAX;
}

/** What is wrong with an argument that the addon refused, or the error of a system call. */
function failure(socket: SocketHandle, answer: number, buffers: unknown, flags: number, context?: Context): Error {
  if (answer !== BAD_ARGUMENT) return failureOf(socket, answer, context);
  if (socket.closed) return closedError('socket');
  integer('flags', flags, 0, INT32_MAX);
  if (!Array.isArray(buffers)) viewOf('buffers', buffers);
  else for (let i = 0; i < buffers.length; i++) viewOf(`buffers[${i}]`, buffers[i]);
  return wrongType('buffers', 'of a kind of view that Node-API knows', buffers);
}

function single(buffer: unknown): void {
  if (Array.isArray(buffer)) viewOf('buffer', buffer);
}

/** recvfrom(2); undefined when it would block. @internal */
export function receiveFrom(socket: SocketHandle, buffer: Bytes, flags: number): Datagram | undefined {
  const frame = usualFrame();
  const answer = areFlags(flags) ? native.recvFrom(handleOf(socket), buffer, frame.bytes, flags) : BAD_ARGUMENT;
  if (answer >= 0) return { bytes: answer, address: frame.address() ?? senderOf(socket) };
  if (answer === WOULD_BLOCK) return undefined;
  single(buffer);
  throw failure(socket, answer, buffer, flags);
}

/** Where the kernel does not say: of a stream it is the peer. */
function senderOf(socket: SocketHandle): AddressObject {
  if (factsOf(socket).family === systemNumber('AF_UNIX')) return { family: 'unix', path: '' };
  return socket.remoteAddress ?? { family: systemNumber('AF_UNSPEC'), bytes: new Uint8Array(0) };
}

/** sendto(2); -1 when it would block. @internal */
export function sendTo(socket: SocketHandle, buffer: Bytes, address: Address, flags: number): number {
  const to = encodedAddress(address);
  const answer = areFlags(flags) ? native.sendTo(handleOf(socket), buffer, to, flags) : BAD_ARGUMENT;
  if (answer >= WOULD_BLOCK) return answer;
  single(buffer);
  throw failure(socket, answer, buffer, flags, contextOf(address));
}

/** What `recvMessage` was told, read once. @internal */
export interface Receiving {
  readonly flags: number;
  readonly controlSize: number;
  readonly maxFds: number;
}

/** @internal */
export function receiveOptions(options: RecvMessageOptions | undefined): Receiving {
  if (options === undefined) return { flags: 0, controlSize: CONTROL_DEFAULT, maxFds: FDS_MAX };
  const { flags = 0, controlSize = CONTROL_DEFAULT, maxFds = FDS_MAX } = optionsOf(options);
  return {
    flags: integer('options.flags', flags, 0, INT32_MAX),
    controlSize: integer('options.controlSize', controlSize, 0, CONTROL_MAX),
    maxFds: integer('options.maxFds', maxFds, 0, FDS_MAX),
  };
}

/**
 * recvmsg(2); undefined when it would block. With `take` false the descriptors stay the addon's, until its
 * `takeDescriptors` or `closeDescriptors`: before the next message.
 * @internal
 */
export function receiveMessage(
  socket: SocketHandle,
  buffers: Bytes | readonly Bytes[],
  { flags, controlSize, maxFds }: Receiving,
  take = true,
): Message | undefined {
  const frame = controlSize === CONTROL_DEFAULT ? usualFrame() : new MessageFrame(controlSize);
  const { fd } = socket;
  const { bytes } = frame;
  const answer = native.recvMessage(handleOf(socket), buffers, bytes, flags);
  if (answer === WOULD_BLOCK) return undefined;
  if (answer < 0) throw failure(socket, answer, buffers, flags);
  try {
    const refused = frame.word(FD_COUNT) > maxFds;
    if (refused) native.closeDescriptors();
    const message = frame.message(answer, fd, refused);
    // Last of all: what a Worker has not got when it is terminated is closed with it.
    if (take && message.fds.length > 0) native.takeDescriptors();
    return message;
  } catch (error) {
    // The stack is full, so that no function of JavaScript can be called, and nobody would ever hear of the descriptors.
    native.closeDescriptors();
    throw error;
  }
}

/**
 * What `sendMessage` sends: read once, so that trying again runs nothing of the caller's. Good until the next message.
 * @internal
 */
export interface Prepared {
  readonly buffers: Bytes | readonly Bytes[];
  readonly flags: number;
  readonly address: Address | undefined;
  readonly to: Uint8Array | undefined;
  readonly frame: MessageFrame | undefined;
}

/** An array whose elements are there: reading one runs nothing of the caller's. */
function settled(buffers: Bytes | readonly Bytes[]): Bytes | readonly Bytes[] {
  if (!Array.isArray(buffers) || buffers.length > PARTS_MAX) return buffers;
  const list: Bytes[] = [];
  for (let i = 0; i < buffers.length; i++) list[i] = buffers[i];
  return list;
}

/** @internal */
export function prepareMessage(
  socket: SocketHandle,
  given: Bytes | readonly Bytes[],
  message: OutgoingMessage | undefined,
): Prepared {
  if (message === undefined) return { buffers: given, flags: 0, address: undefined, to: undefined, frame: undefined };
  if (typeof message !== 'object' || message === null) throw wrongType('message', 'an object', message);
  if (socket.closed) throw closedError('socket');
  const { address, flags = 0 } = message;
  integer('message.flags', flags, 0, INT32_MAX);
  const to = address === undefined ? undefined : encodedAddress(address);
  const buffers = settled(given);
  const frame = ancillaryFrame(message, () => factsOf(socket).family, usualFrame());
  return { buffers, flags, address, to, frame };
}

/** sendmsg(2); -1 when it would block. @internal */
export function sendMessage(socket: SocketHandle, message: Prepared): number {
  const { buffers, flags, address, to, frame } = message;
  const answer = native.sendMessage(handleOf(socket), buffers, to, frame?.bytes, flags);
  if (answer >= WOULD_BLOCK) return answer;
  const context = address === undefined ? {} : contextOf(address);
  if (answer === BAD_ARGUMENT && frame !== undefined && areViews(buffers)) throw notLocal(frame.local());
  const error = failure(socket, answer, buffers, flags, context);
  throw frame !== undefined && frame.word(FD_COUNT) > 0 && error instanceof FdError ? withHint(error) : error;
}

function areViews(buffers: unknown): boolean {
  return Array.isArray(buffers) ? buffers.every((view) => ArrayBuffer.isView(view)) : ArrayBuffer.isView(buffers);
}

/** EINVAL is all that the kernel says about descriptors that it does not take. */
function withHint(error: FdError): FdError {
  if (error.code !== 'EINVAL') return error;
  const hint = 'a message takes at most 253 descriptors, and on a stream a byte that they come with';
  return new FdError(error.code, `${error.message} (${hint})`, error);
}
