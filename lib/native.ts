import type { Bytes } from './validate.ts';

/**
 * The functions of the addon, as native/binding/*.cc define them. A negative number is no result: see
 * `WOULD_BLOCK` and its neighbours, and `raise` in errors.ts for failed system calls.
 */
export interface Native {
  configure(probe: () => void, hasUvLoop: boolean): number;
  backends(): {
    name: string;
    compiled: boolean;
    absent?: string;
    opened?: number;
    capabilities?: Record<string, boolean>;
  }[];
  buildInfo(): {
    napi: number;
    system: string;
    arch: string;
    libc: string;
    compiler: string;
    type: string;
    flags: string[];
    backends: string[];
  };
  callName(call: number): string;
  describeErrno(errno: number): [name: string, text: string];
  describeInvariant(number: number): string;
  constants(): Record<string, number>;

  openPoller(backend: string, maxEvents: number): number;
  closePoller(poller: number): number;
  /** Shown to somebody who waits for it, it becomes readable for timers, too. */
  pollerFd(poller: number, shown: boolean): number;
  pollerSize(poller: number): number;
  pollerWaker(poller: number): number;
  /** The socket's handle makes `pollerReceive` read it. */
  pollerAdd(poller: number, fd: number, interest: number, mode: number, socket?: number): number;
  pollerModify(poller: number, fd: number, interest: number, mode: number): number;
  pollerDelete(poller: number, fd: number): number;
  pollerHas(poller: number, fd: number): number;
  pollerWait(poller: number, timeout: number, columns: ArrayBuffer): number;
  pollerReceive(poller: number, columns: ArrayBuffer, slab: Bytes, each: number): number;
  pollerSend(poller: number, columns: ArrayBuffer, slab: Bytes): number;

  /** `when`: milliseconds from now, or nanoseconds of the monotonic clock. The source's id. */
  addTimer(poller: number, when: number | bigint, every: number): number;
  /** -1 when it has ended. */
  setTimer(poller: number, timer: number, when: number | bigint, every: number): number;
  /** Without libuv, `passOn` is whether a handler that was there before is called, too. */
  addSignal(poller: number, signal: number, passOn: boolean): number;
  addProcess(poller: number, pid: number): number;
  addWatch(poller: number, path: string, kinds: number, mask: number): number;
  /** Its place in the current batch, or -1. */
  closeSource(poller: number, source: number): number;
  /** See watch_changes.ts. */
  watchChanges(poller: number, watch: number): Uint8Array | number;
  monotonicTime(): bigint;

  hostPoller(poller: number, onThread: boolean, deliver: (answer: number) => void, columns: ArrayBuffer): number;
  unhostPoller(poller: number): number;
  holdPoller(poller: number, held: boolean): number;
  keepAlivePoller(poller: number, alive: boolean): number;
  rearmPoller(poller: number, from: number): number;

  waitFor(fd: number, interest: number, timeout: number): number;
  waitForAll(fds: Int32Array, interests: Uint32Array, flags: Uint32Array, timeout: number): number;
  wake(waker: number): number;

  close(fd: number): number;
  dup(fd: number): number;
  /** As `dup`; closed by `closeKept`, or with the thread. */
  keepDuplicate(fd: number): number;
  closeKept(fd: number): number;
  pipe(): [read: number, write: number] | number;
  eventfd(initial: number): number;
  memfd(name: string): number;
  setNonBlocking(fd: number, on: boolean): number;
  setCloseOnExec(fd: number): number;
  ioctl(fd: number, request: number, argument: number | Bytes): number;

  read(fd: number, buffer: Bytes, offset?: number, length?: number): number;
  write(fd: number, buffer: Bytes, offset?: number, length?: number): number;
  readv(fd: number, buffers: readonly Bytes[]): number;
  writev(fd: number, buffers: readonly Bytes[]): number;
  splice(from: number, to: number, count: number): number;
  sendFile(socket: number, file: number, offset: number, count: number): number;

  openSocket(domain: number, type: number, protocol: number): number;
  openSocketPair(type: number): [number, number] | number;
  adoptSocket(fd: number): number;
  socketFd(socket: number): number;
  socketFacts(socket: number): [family: number, type: number, protocol: number, listening: number] | number;
  closeSocket(socket: number): number;
  detachSocket(socket: number): number;
  /** `mode`: the permissions of a unix path, 0 to 0o777. */
  bind(socket: number, address: Uint8Array, mode?: number): number;
  listen(socket: number, backlog: number): number;
  accept(socket: number): number;
  connect(socket: number, address: Uint8Array): number;
  disconnect(socket: number): number;
  shutdown(socket: number, how: number): number;
  /** From now on closing sends a reset and drops what was not sent. */
  abortive(socket: number): number;
  recv(socket: number, buffer: Bytes, offset?: number, length?: number, flags?: number): number;
  send(socket: number, buffer: Bytes, offset?: number, length?: number, flags?: number): number;
  /** The frame gets the sender's address: see message_frame.ts. */
  recvFrom(socket: number, buffer: Bytes, frame: Uint8Array, flags: number): number;
  sendTo(socket: number, buffer: Bytes, address: Uint8Array, flags: number): number;
  /** The frame gets all that came with the bytes: its descriptors with `takeDescriptors`. */
  recvMessage(socket: number, buffers: Bytes | readonly Bytes[], frame: Uint8Array, flags: number): number;
  /** The descriptors of the last message are the caller's; until then the thread's end closes them. */
  takeDescriptors(): number;
  /** Those that nobody took are closed. */
  closeDescriptors(): number;
  sendMessage(
    socket: number,
    buffers: Bytes | readonly Bytes[],
    address: Uint8Array | undefined,
    frame: Uint8Array | undefined,
    flags: number,
  ): number;
  atMark(socket: number): number;
  recvBatch(socket: number, columns: ArrayBuffer, arena: Bytes, size: number): number;
  sendBatch(socket: number, columns: ArrayBuffer, arena: Bytes, from: number, count: number): number;
  sendSegments(socket: number, buffer: Bytes, segmentSize: number, address: Uint8Array): number;
  takeError(socket: number): number;
  /** Fills the view; how many bytes of it. */
  getOption(socket: number, level: number, name: number, view: Bytes): number;
  setOption(socket: number, level: number, name: number, value: number | Bytes): number;
  /** The process is -1 where the system does not tell it. */
  peerCredentials(socket: number): [pid: number, uid: number, gid: number] | number;

  encodeInet(host: string, port: number): Uint8Array | number;
  encodeInet6(host: string, port: number, scopeId: number, flowInfo: number): Uint8Array | number;
  encodeUnix(path: Uint8Array): Uint8Array | number;
  encodeVsock(cid: number, port: number): Uint8Array | number;
  encodeNetlink(pid: number, groups: number): Uint8Array | number;
  encodePacket(index: number, protocol: number, hardware: Uint8Array): Uint8Array | number;
  encodeCan(index: number): Uint8Array | number;
  decodeAddress(bytes: Uint8Array): NativeAddress | number;
  socketAddress(socket: number, remote: boolean): NativeAddress | number;
  interfaceIndex(name: string): number;
  interfaceName(index: number): string | number;
}

/** What the addon took apart, by family; a unix address has `path` and `bytes`, one that it could not only `bytes`. */
export interface NativeAddress {
  family: number;
  host?: string;
  port?: number;
  scopeId?: number;
  flowInfo?: number;
  path?: Uint8Array;
  cid?: number;
  pid?: number;
  groups?: number;
  interface?: number;
  protocol?: number;
  address?: Uint8Array;
  bytes?: Uint8Array;
}

/** A call on a non-blocking descriptor that would have had to wait; of `pollerDelete`: unknown. */
export const WOULD_BLOCK = -1;
/** An argument that the addon refused. The caller finds the words. */
export const BAD_ARGUMENT = -2;
/** A handle whose poller or socket is closed. */
export const CLOSED_HANDLE = -3;
/** More than a million pollers or sockets in one thread. */
export const TABLE_FULL = -4;
