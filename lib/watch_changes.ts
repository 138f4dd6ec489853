import { oneOf, wrongType } from './validate.ts';

/**
 * What happens to a watched path, or to an entry of a watched directory. `gone`: the path leads somewhere else or
 * nowhere, and the watch has ended. `overflow`: changes were lost, look for yourself.
 * `other`: what only the system's own bits tell, which were asked for by `mask`.
 */
export type WatchKind =
  | 'create'
  | 'delete'
  | 'modify'
  | 'close-write'
  | 'attributes'
  | 'move-from'
  | 'move-to'
  | 'gone'
  | 'overflow'
  | 'open'
  | 'access'
  | 'close-nowrite'
  | 'other';

/** One change of a watched path, as `watch.changes` lists it. */
export interface Change {
  /** What happened. */
  readonly kind: WatchKind;
  /** Which entry of a watched directory; absent when it is the path itself. Bytes that are no UTF-8 are replaced. */
  readonly name?: string;
  /** The name as it is, when it is no UTF-8. */
  readonly bytes?: Uint8Array;
  /** The same in the `move-from` and the `move-to` of one rename. */
  readonly cookie?: number;
  /** The system's own bits: `constants.IN_*` or `constants.NOTE_*`. */
  readonly mask: number;
}

// The bits of native/core/watches.h.
const KINDS: ReadonlyMap<WatchKind, number> = new Map([
  ['create', 1],
  ['delete', 2],
  ['modify', 4],
  ['close-write', 8],
  ['attributes', 16],
  ['move-from', 32],
  ['move-to', 64],
  ['gone', 128],
  ['overflow', 256],
  ['open', 512],
  ['access', 1024],
  ['close-nowrite', 2048],
]);
/** Whatever changes something; `open`, `access` and `close-nowrite` also come of reading. */
const CHANGES = 1 | 2 | 4 | 8 | 16 | 32 | 64;
const HEADER = 16;

/** The bits of the kinds that are asked for. @internal */
export function kindsOf(events: unknown): number {
  if (events === undefined) return CHANGES;
  if (!Array.isArray(events)) throw wrongType('options.events', 'an array of kinds', events);
  return events.reduce<number>((bits, kind) => bits | oneOf('options.events', KINDS, kind), 0);
}

function named(bytes: Uint8Array): Pick<Change, 'name' | 'bytes'> {
  if (bytes.length === 0) return {};
  const name = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  const whole = Buffer.from(name, 'utf8').equals(bytes);
  return whole ? { name } : { name, bytes: Uint8Array.from(bytes) };
}

/** What native/binding/source_binding.cc wrote: one kind of one record is one change. @internal */
export function decodeChanges(frame: Uint8Array): Change[] {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const little = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  const changes: Change[] = [];
  for (let at = 0; at + HEADER <= frame.length; ) {
    const [kinds = 0, mask = 0, cookie = 0, length = 0] = [0, 4, 8, 12].map((i) => view.getUint32(at + i, little));
    const rest = {
      ...named(frame.subarray(at + HEADER, at + HEADER + length)),
      ...(cookie === 0 ? {} : { cookie }),
      mask,
    };
    if (kinds === 0) changes.push({ kind: 'other', ...rest });
    for (const [kind, bit] of KINDS) if ((kinds & bit) !== 0) changes.push({ kind, ...rest });
    at += HEADER + Math.ceil(length / 4) * 4;
  }
  return changes;
}
