import {
  CONTROL_LENGTH,
  FAMILY,
  FD_COUNT,
  GID,
  HAS_CREDENTIALS,
  HAS_PKTINFO,
  HAS_SEGMENT_SIZE,
  HAS_TOS,
  HAS_TTL,
  INTERFACE,
  LOCAL,
  LOCAL_LENGTH,
  MessageFrame,
  PID,
  PRESENT,
  REST,
  SEGMENT_SIZE,
  TOS,
  TTL,
  UID,
} from './message_frame.ts';
import {
  type Bytes,
  type Descriptor,
  fdOf,
  INT32_MAX,
  integer,
  outOfRange,
  viewOf,
  wrongType,
  wrongValue,
} from './validate.ts';

/** An item of control data that has no name here: level and type are this system's numbers (cmsg(3)). */
export interface ControlItem {
  /** `constants.SOL_*` or `IPPROTO_*`: whose item it is. */
  level: number;
  /** Which of them: `constants.SCM_*` and their like. */
  type: number;
  /** Its bytes, without the header. */
  data: Bytes;
}

/** Control data to send; what `recvMessage` gives has the same names. */
export interface Ancillary {
  /** SCM_RIGHTS, unix sockets: up to 253 descriptors (Linux). They stay yours. */
  fds?: readonly Descriptor[] | undefined;
  /** SCM_CREDENTIALS: others than one's own need privileges. FreeBSD fills in the true ones itself. */
  credentials?: { pid: number; uid: number; gid: number } | undefined;
  /** IP_PKTINFO or IPV6_PKTINFO: through which interface (0: the routes tell), and from which address. */
  pktinfo?: { interface: number; local?: string | undefined; destination?: string | undefined } | undefined;
  /** IP_TTL, or IPV6_HOPLIMIT. */
  ttl?: number | undefined;
  /** IP_TOS, or IPV6_TCLASS. */
  tos?: number | undefined;
  /** UDP_SEGMENT: the kernel cuts the bytes into datagrams of this size (Linux 4.18). */
  segmentSize?: number | undefined;
  /** Anything else, as it stands. */
  control?: readonly ControlItem[] | undefined;
}

const UINT32_MAX = 0xffffffff;
const INT32_MIN = -0x80000000;
// What crosses at most: more than any kernel takes in one message.
const FDS_MAX = 0xffff;
const CONTROL_MAX = 1 << 20;
const ENTRY_WORDS = 3; // level, type, size
// What the addon reads as an address in the end; here, no other letters become some by being cut to bytes.
const ADDRESS_LETTERS = /^[\d.:a-f]{2,45}$/i;

function recordOf<T extends object>(name: string, value: T | undefined): T | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null) throw wrongType(name, 'an object', value);
  return value;
}

function listOf<T>(name: string, value: readonly T[] | undefined, most: number): readonly T[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw wrongType(name, 'an array', value);
  if (value.length > most) throw outOfRange(`${name}.length`, `<= ${most}`, value.length);
  return value.length === 0 ? undefined : (value as readonly T[]);
}

function maybeInteger(name: string, value: number | undefined, most: number): number | undefined {
  return value === undefined ? undefined : integer(name, value, 0, most);
}

/** What was read of a message, each property once: nothing of the caller's runs any more after it. */
interface Read {
  readonly fds: Int32Array | undefined;
  readonly credentials: { pid: number; uid: number; gid: number } | undefined;
  readonly pktinfo: { interface: number; local: string } | undefined;
  readonly ttl: number | undefined;
  readonly tos: number | undefined;
  readonly segmentSize: number | undefined;
  readonly control: readonly { level: number; type: number; data: Uint8Array }[] | undefined;
}

function fdsOf(fds: readonly Descriptor[] | undefined): Int32Array | undefined {
  const list = listOf('message.fds', fds, FDS_MAX);
  if (list === undefined) return undefined;
  const numbers = new Int32Array(list.length);
  for (let i = 0; i < numbers.length; i++) numbers[i] = fdOf(list[i] as Descriptor);
  return numbers;
}

function credentialsOf(value: Ancillary['credentials']): Read['credentials'] {
  const credentials = recordOf('message.credentials', value);
  if (credentials === undefined) return undefined;
  return {
    pid: integer('message.credentials.pid', credentials.pid, 0, INT32_MAX),
    uid: integer('message.credentials.uid', credentials.uid, 0, UINT32_MAX),
    gid: integer('message.credentials.gid', credentials.gid, 0, UINT32_MAX),
  };
}

function pktinfoOf(value: Ancillary['pktinfo']): Read['pktinfo'] {
  const pktinfo = recordOf('message.pktinfo', value);
  if (pktinfo === undefined) return undefined;
  const { local = '' } = pktinfo;
  if (typeof local !== 'string') throw wrongType('message.pktinfo.local', 'a string', local);
  if (local !== '' && !ADDRESS_LETTERS.test(local)) throw notLocal(local);
  return { interface: integer('message.pktinfo.interface', pktinfo.interface, 0, UINT32_MAX), local };
}

/** @internal */
export function notLocal(local: unknown): TypeError {
  return wrongValue('message.pktinfo.local', "an IPv4 or IPv6 address of the socket's family", local);
}

function copyOf(name: string, value: unknown): Uint8Array {
  const view = viewOf(name, value);
  const copy = new Uint8Array(view.byteLength);
  if (copy.length > 0) copy.set(new Uint8Array(view.buffer, view.byteOffset, copy.length));
  return copy;
}

function controlOf(value: Ancillary['control']): Read['control'] {
  const list = listOf('message.control', value, FDS_MAX);
  if (list === undefined) return undefined;
  const items: { level: number; type: number; data: Uint8Array }[] = [];
  let total = 0;
  for (let i = 0; i < list.length; i++) {
    const name = `message.control[${i}]`;
    const item = list[i];
    if (typeof item !== 'object' || item === null) throw wrongType(name, 'an object', item);
    const level = integer(`${name}.level`, item.level, INT32_MIN, INT32_MAX);
    const type = integer(`${name}.type`, item.type, INT32_MIN, INT32_MAX);
    const data = copyOf(`${name}.data`, item.data);
    total += data.length;
    if (total > CONTROL_MAX) throw outOfRange('message.control', `at most ${CONTROL_MAX} bytes`, total);
    items.push({ level, type, data });
  }
  return items;
}

function read(message: Ancillary): Read | undefined {
  const fds = fdsOf(message.fds);
  const credentials = credentialsOf(message.credentials);
  const pktinfo = pktinfoOf(message.pktinfo);
  const ttl = maybeInteger('message.ttl', message.ttl, 255);
  const tos = maybeInteger('message.tos', message.tos, 255);
  const segmentSize = maybeInteger('message.segmentSize', message.segmentSize, 0xffff);
  const control = controlOf(message.control);
  const something = fds ?? credentials ?? pktinfo ?? ttl ?? tos ?? segmentSize ?? control;
  return something === undefined ? undefined : { fds, credentials, pktinfo, ttl, tos, segmentSize, control };
}

function wordsOf(control: Read['control']): number {
  let words = 0;
  for (const { data } of control ?? []) words += ENTRY_WORDS + Math.ceil(data.length / 4);
  return words;
}

/** The frame of a message's control data: `usual` where it has room. Undefined when there is none to send. @internal */
export function ancillaryFrame(
  message: Ancillary,
  family: () => number,
  usual: MessageFrame,
): MessageFrame | undefined {
  const given = read(message);
  if (given === undefined) return undefined;
  const { fds, credentials, pktinfo, control } = given;
  const controlWords = wordsOf(control);
  const room = ((fds?.length ?? 0) + controlWords) * 4;
  const frame = room <= usual.room ? usual : new MessageFrame(room);
  const { words } = frame;
  let present = 0;
  words[FAMILY] = family();
  words[FD_COUNT] = fds?.length ?? 0;
  words[CONTROL_LENGTH] = controlWords * 4;
  words[LOCAL_LENGTH] = 0;
  if (fds !== undefined) words.set(fds, REST);
  if (credentials !== undefined) {
    present |= HAS_CREDENTIALS;
    words[PID] = credentials.pid;
    words[UID] = credentials.uid;
    words[GID] = credentials.gid;
  }
  if (pktinfo !== undefined) {
    present |= HAS_PKTINFO;
    words[INTERFACE] = pktinfo.interface;
    words[LOCAL_LENGTH] = frame.bytes.write(pktinfo.local, LOCAL, 'latin1');
  }
  if (given.ttl !== undefined) present |= HAS_TTL;
  words[TTL] = given.ttl ?? 0;
  if (given.tos !== undefined) present |= HAS_TOS;
  words[TOS] = given.tos ?? 0;
  if (given.segmentSize !== undefined) present |= HAS_SEGMENT_SIZE;
  words[SEGMENT_SIZE] = given.segmentSize ?? 0;
  words[PRESENT] = present;
  writeControl(frame, REST + (fds?.length ?? 0), control);
  return frame;
}

function writeControl(frame: MessageFrame, start: number, control: Read['control']): void {
  let at = start;
  for (const { level, type, data } of control ?? []) {
    frame.words[at] = level;
    frame.words[at + 1] = type;
    frame.words[at + 2] = data.length;
    frame.bytes.set(data, (at + ENTRY_WORDS) * 4);
    at += ENTRY_WORDS + Math.ceil(data.length / 4);
  }
}
