import { constants } from 'node:os';
import { native } from './binding.ts';
import { closedError, fromAnswer, systemError } from './errors.ts';
import type { FdError } from './fd_error.ts';
import { type MembershipAction, type MembershipOptions, membershipRequest } from './memberships.ts';
import { BAD_ARGUMENT, CLOSED_HANDLE } from './native.ts';
import { findOption, type Option } from './option_table.ts';
import { checked, handleOf, SocketHandle } from './socket_handle.ts';
import { systemConstants } from './system_constants.ts';
import { decodeTcpInfo, type TcpInfo, tcpInfoLayout } from './tcp_info.ts';
import { type Bytes, INT32_MAX, integer, viewOf, wrongType, wrongValue } from './validate.ts';

/** What options are made of: see `setOption`. */
export type OptionValue =
  | boolean
  | number
  | bigint
  | string
  | Readonly<Record<string, unknown>>
  | readonly unknown[]
  | Bytes;

/** Who is at the other end of a unix socket. */
export interface PeerCredentials {
  /** Undefined where the system does not tell it, or when it is in a process namespace that cannot be seen. */
  readonly pid: number | undefined;
  /** The effective user id. */
  readonly uid: number;
  /** The effective group id. */
  readonly gid: number;
}

const INT32_MIN = -(2 ** 31);
const UINT32_MAX = 2 ** 32 - 1;
const SIZE_MAX = 65536;
// NGROUPS_MAX of Linux is 65536: the longest list that an option returns.
const NAMED_SIZE_MAX = 4 * 65536;

/** The part of `Socket` that asks and sets options. */
export class OptionSocket extends SocketHandle {
  /**
   * By name: see the list of options for what each gives. By this system's own numbers, `constants` has them: the
   * bytes that the kernel returned, at most `size` (0 to 65536).
   * @throws FdError getsockopt(2); ENOPROTOOPT for an option that this system lacks.
   */
  getOption(name: string): OptionValue;
  /** The bytes of an option that is named by numbers: see above. */
  getOption(level: number, name: number, size: number): Buffer;
  getOption(level: string | number, name?: number, size?: number): OptionValue | Buffer {
    if (typeof level === 'string') return getNamed(this, level);
    if (typeof level !== 'number') throw wrongType('name', 'the name of an option, or numbers', level);
    integer('level', level, INT32_MIN, INT32_MAX);
    integer('name', name, INT32_MIN, INT32_MAX);
    const buffer = Buffer.alloc(integer('size', size, 0, SIZE_MAX));
    return readOption(this, level, name as number, buffer);
  }

  /**
   * By name: see the list of options for what each takes. By this system's own numbers: an int, or bytes. Raw bytes
   * of a struct with pointers are the caller's to answer for; the options that take a BPF program take its
   * instructions.
   * @throws FdError setsockopt(2); ENOPROTOOPT for an option that this system lacks.
   */
  setOption(name: string, value: OptionValue): void;
  /** Sets an option that is named by numbers: see above. */
  setOption(level: number, name: number, value: number | Bytes): void;
  setOption(level: string | number, name: unknown, value?: unknown): void {
    if (typeof level === 'string') setNamed(this, level, name);
    else setRaw(this, level, name, value);
  }

  /** Takes the pending error (SO_ERROR): how a connection attempt went. Undefined when there is none. */
  takeError(): FdError | undefined {
    const errno = checked(this, native.takeError(handleOf(this)));
    return errno === 0 ? undefined : systemError('connect', errno, { fd: this.fd });
  }

  /**
   * What the kernel says about a TCP connection (TCP_INFO, on macOS TCP_CONNECTION_INFO), by the names of its struct
   * without `tcpi_`. Times are in microseconds, but on Linux those since something last happened (`last...`) and
   * `totalRtoTime` in milliseconds, and on macOS all. Counts of 64 bits are bigints. What an older kernel does not
   * return is absent.
   * @throws FdError getsockopt(2); ENOPROTOOPT or EOPNOTSUPP when it is no TCP socket.
   */
  tcpInfo(): TcpInfo {
    const layout = tcpInfoLayout();
    const option = findOption(layout.option) as Option;
    return decodeTcpInfo(getBytes(this, option), layout);
  }

  /**
   * Receives what is sent to a multicast group, on one interface; with `source` only what that address sends.
   * @throws FdError EADDRINUSE when it is a member, ENODEV without such an interface or route.
   */
  addMembership(group: string, options?: MembershipOptions): void {
    changeMembership(this, 'join', group, options);
  }

  /**
   * Undoes `addMembership` with the same options.
   * @throws FdError EADDRNOTAVAIL when it is no member.
   */
  dropMembership(group: string, options?: MembershipOptions): void {
    changeMembership(this, 'leave', group, options);
  }

  /** Stops receiving what this address sends to a group that the socket is a member of. */
  blockSource(group: string, source: string, options?: Pick<MembershipOptions, 'interface'>): void {
    changeSource(this, 'block', group, source, options);
  }

  /** Undoes `blockSource`. */
  unblockSource(group: string, source: string, options?: Pick<MembershipOptions, 'interface'>): void {
    changeSource(this, 'unblock', group, source, options);
  }

  /**
   * Who connected to, or listened at, the other end of a unix socket, as the kernel noted it then.
   * @throws FdError ENOTCONN when it has no peer, ENOPROTOOPT when it is no unix socket.
   */
  get peerCredentials(): PeerCredentials {
    const answer = native.peerCredentials(handleOf(this));
    if (typeof answer === 'number')
      throw optionFailure(this, answer, 'only connected unix sockets have peer credentials');
    const [pid, uid, gid] = answer;
    return { pid: pid < 0 ? undefined : pid, uid, gid };
  }
}

function changeMembership(
  socket: SocketHandle,
  action: MembershipAction,
  group: string,
  options: MembershipOptions | undefined,
): void {
  writeOption(socket, ...membershipRequest(action, group, options));
}

function changeSource(
  socket: SocketHandle,
  action: MembershipAction,
  group: string,
  source: string,
  options: Pick<MembershipOptions, 'interface'> | undefined,
): void {
  if (typeof source !== 'string') throw wrongType('source', 'an IP address', source);
  const own = options !== undefined && Object.hasOwn(options, 'interface') ? options.interface : undefined;
  changeMembership(socket, action, group, own === undefined ? { source } : { source, interface: own });
}

function getNamed(socket: SocketHandle, name: string): OptionValue {
  const option = findOption(name);
  if (option === undefined) throw wrongValue('name', 'the name of an option', name);
  if (!option.readable) throw wrongValue('name', 'an option that can be read, not only set', name);
  return option.type.decode(getBytes(socket, option)) as OptionValue;
}

function getBytes(socket: SocketHandle, option: Option): Buffer {
  const [level, number] = numbersOf(socket, option, 'getsockopt', option.level);
  for (let { size } = option.type; ; size = NAMED_SIZE_MAX) {
    const buffer = Buffer.alloc(size);
    const answer = native.getOption(handleOf(socket), level, number, buffer);
    if (answer >= 0) return buffer.subarray(0, answer);
    const error = optionFailure(socket, answer, option.name);
    // More than most have: a user of thousands of groups.
    if (!('code' in error && error.code === 'ERANGE') || size === NAMED_SIZE_MAX) throw error;
  }
}

function setNamed(socket: SocketHandle, name: string, value: unknown): void {
  const option = findOption(name);
  if (option === undefined) throw wrongValue('name', 'the name of an option', name);
  if (!option.writable) throw wrongValue('name', 'an option that can be set, not only read', name);
  const encoded = option.type.encode(value);
  const levelName = option.type.level?.(value) ?? option.level;
  const [level, number] = numbersOf(socket, option, 'setsockopt', levelName);
  writeOption(socket, level, number, encoded, name);
}

function setRaw(socket: SocketHandle, level: number, name: unknown, value: unknown): void {
  if (typeof level !== 'number') throw wrongType('name', 'the name of an option, or numbers', level);
  integer('level', level, INT32_MIN, INT32_MAX);
  integer('name', name, INT32_MIN, INT32_MAX);
  if (typeof value === 'number') integer('value', value, INT32_MIN, UINT32_MAX);
  else if (!ArrayBuffer.isView(value)) throw wrongType('value', 'a number, Buffer, TypedArray or DataView', value);
  writeOption(socket, level, name as number, value as number | Bytes);
}

/** Level and name of an option that this system may lack. */
function numbersOf(
  socket: SocketHandle,
  { name }: Option,
  syscall: string,
  levelName: string,
): [level: number, name: number] {
  const table = systemConstants();
  const [level, number] = [table[levelName], table[name]];
  if (level !== undefined && number !== undefined) return [level, number];
  if (socket.closed) throw closedError('socket');
  throw systemError(syscall, constants.errno.ENOPROTOOPT, { fd: socket.fd }, `this system has no ${name}`);
}

function readOption(socket: SocketHandle, level: number, name: number, buffer: Buffer): Buffer {
  const answer = native.getOption(handleOf(socket), level, name, buffer);
  if (answer < 0) throw optionFailure(socket, answer);
  return buffer.subarray(0, answer);
}

function writeOption(socket: SocketHandle, level: number, name: number, value: number | Bytes, detail?: string): void {
  const answer = native.setOption(handleOf(socket), level, name, value);
  if (answer === BAD_ARGUMENT) viewOf('value', value);
  if (answer < 0) throw optionFailure(socket, answer, detail);
}

function optionFailure(socket: SocketHandle, answer: number, detail?: string): Error {
  if (answer === CLOSED_HANDLE) return closedError('socket');
  if (answer === BAD_ARGUMENT) return wrongType('value', 'a kind of view that Node-API knows', undefined);
  return fromAnswer(answer, { fd: socket.fd }, detail);
}
