import { ERROR, READ_CLOSED, READABLE, WRITABLE, WRITE_CLOSED } from '../../lib/index.ts';

export type FileKind = 'pipe-read' | 'pipe-write' | 'stream' | 'eventfd';

/** What an open file is ready for, as far as it can be told from what was done with it. */
export class FileModel {
  readonly kind: FileKind;
  /** Files that fstat(2) cannot tell apart have the same. */
  readonly identity: object;
  /** The other end of a pipe or a pair. */
  other: FileModel | undefined;
  /** How many descriptors it has. */
  opens = 1;
  /** To be read here. */
  bytes = 0;
  /** How many writes they came in. */
  writes = 0;
  /** Nothing more can be written here until the other end has read all. */
  full = false;
  /** It sends no more. */
  shut = false;
  /** The other end closed with unread bytes. */
  reset = false;

  constructor(kind: FileKind, identity: object) {
    this.kind = kind;
    this.identity = identity;
  }

  static connected(kinds: readonly [FileKind, FileKind], sameIdentity: boolean): [FileModel, FileModel] {
    const a = new FileModel(kinds[0], {});
    const b = new FileModel(kinds[1], sameIdentity ? a.identity : {});
    a.other = b;
    b.other = a;
    return [a, b];
  }

  /** The other end is closed for good. */
  get alone(): boolean {
    return this.other?.opens === 0;
  }

  /** Nothing comes any more, but for what is there. */
  get ended(): boolean {
    return this.kind !== 'pipe-write' && (this.alone || this.other?.shut === true);
  }

  get reads(): boolean {
    return this.kind !== 'pipe-write';
  }

  get takes(): boolean {
    return this.kind !== 'pipe-read';
  }

  /** The interests that every backend has for this kind. */
  get interests(): number {
    return (this.reads ? READABLE : 0) | (this.takes ? WRITABLE : 0);
  }

  /** All that holds. */
  get flags(): number {
    const readable = this.reads && this.bytes > 0 ? READABLE : 0;
    const writable = this.takes && !this.full ? WRITABLE : 0;
    const read = this.ended ? READABLE | READ_CLOSED : 0;
    const hungUp = this.kind === 'stream' && (this.alone || (this.shut && this.other?.shut));
    const both = hungUp ? READABLE | READ_CLOSED | WRITABLE | WRITE_CLOSED : 0;
    const broken = this.kind === 'pipe-write' && this.alone ? WRITABLE | WRITE_CLOSED | ERROR : 0;
    return readable | writable | read | both | broken | (this.reset ? ERROR : 0);
  }

  /** Of these, what is told to this interest. */
  told(interest: number): number {
    if (interest === 0) return 0;
    const read = interest & READABLE ? READABLE | READ_CLOSED : 0;
    const write = interest & WRITABLE ? WRITABLE | WRITE_CLOSED : 0;
    return this.flags & (read | write | ERROR);
  }
}
