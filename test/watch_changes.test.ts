import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Change, decodeChanges, kindsOf, type WatchKind } from '../lib/watch_changes.ts';

const KINDS: readonly WatchKind[] = [
  'create',
  'delete',
  'modify',
  'close-write',
  'attributes',
  'move-from',
  'move-to',
  'gone',
  'overflow',
  'open',
  'access',
  'close-nowrite',
];

interface Sample {
  readonly kinds: number;
  readonly mask: number;
  readonly cookie: number;
  readonly name: Uint8Array;
}

const word = (number: number): Buffer => Buffer.from(new Uint32Array([number]).buffer);

/** As native/binding/source_binding.cc writes it, at an odd offset of its buffer. */
const frameOf = (samples: readonly Sample[]): Uint8Array => {
  const parts = samples.flatMap(({ kinds, mask, cookie, name }) => [
    ...[kinds, mask, cookie, name.length].map(word),
    name,
    Buffer.alloc((4 - (name.length % 4)) % 4),
  ]);
  return Buffer.concat([Buffer.alloc(1), ...parts, Buffer.from('beyond the frame')]).subarray(
    1,
    1 + parts.reduce((sum, part) => sum + part.length, 0),
  );
};

const one = (sample: Partial<Sample>): Change[] =>
  decodeChanges(frameOf([{ kinds: 1, mask: 0, cookie: 0, name: new Uint8Array(), ...sample }]));

const samples = fc.array(
  fc.record({
    kinds: fc.nat(2 ** 12 - 1),
    mask: fc.nat(2 ** 31),
    cookie: fc.oneof(fc.constant(0), fc.nat(2 ** 31)),
    name: fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => Uint8Array.from(Buffer.from(text))),
    ),
  }),
  { maxLength: 6 },
);

describe('the kinds that are asked for', () => {
  it('are by default those of changes, not of reading', () => {
    expect(kindsOf(undefined)).toBe(kindsOf(KINDS.slice(0, 7)));
  });

  it('have a bit each', () => {
    expect(KINDS.map((kind) => kindsOf([kind]))).toEqual(KINDS.map((_, bit) => 2 ** bit));
    expect(kindsOf(['create', 'gone', 'create'])).toBe(129);
    expect(kindsOf([])).toBe(0);
  });

  it.each(['create', null, 1, {}, new Set(['create'])])('are an array, not %o', (events) => {
    expect(() => kindsOf(events)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
  });

  it.each([
    ['other', 'ERR_INVALID_ARG_VALUE'],
    ['toString', 'ERR_INVALID_ARG_VALUE'],
    [1, 'ERR_INVALID_ARG_TYPE'],
    [undefined, 'ERR_INVALID_ARG_TYPE'],
  ])('do not hold %o', (kind, code) => {
    expect(() => kindsOf(['create', kind])).toThrow(expect.objectContaining({ name: 'TypeError', code }));
  });
});

describe('changes', () => {
  it('are none in an empty frame', () => {
    expect(decodeChanges(new Uint8Array())).toEqual([]);
  });

  it('of one record are one for each kind, in the order of the bits', () => {
    const name = Buffer.from('a name');
    expect(one({ kinds: 1 | 16 | 64, mask: 5, cookie: 9, name })).toEqual([
      { kind: 'create', name: 'a name', cookie: 9, mask: 5 },
      { kind: 'attributes', name: 'a name', cookie: 9, mask: 5 },
      { kind: 'move-to', name: 'a name', cookie: 9, mask: 5 },
    ]);
  });

  it('that only the mask tells are `other`', () => {
    expect(one({ kinds: 0, mask: 0xffffffff })).toEqual([{ kind: 'other', mask: 0xffffffff }]);
  });

  it('have no name, bytes and cookie where there are none', () => {
    expect(one({}).map(Object.keys)).toEqual([['kind', 'mask']]);
  });

  it.each([
    [[0xff]],
    [[0x61, 0xc3]],
    [[0xed, 0xa0, 0x80]],
    [[0xc0, 0x80]],
  ])('have the bytes of a name that is no UTF-8: %j', (bytes) => {
    const [change] = one({ name: Uint8Array.from(bytes) });
    expect(change?.name).toContain('\ufffd');
    expect([...(change?.bytes ?? [])]).toEqual(bytes);
  });

  it.each(['ö', '日本', '\u{1f600}', '\ufffd', '\ufeffmark', '\n'])('have a name that is UTF-8: %j', (text) => {
    expect(one({ name: Buffer.from(text) })).toEqual([{ kind: 'create', name: text, mask: 0 }]);
  });

  it('keep nothing of the frame', () => {
    const frame = frameOf([{ kinds: 1, mask: 0, cookie: 0, name: Uint8Array.from([0xff, 0xfe]) }]);
    const [change] = decodeChanges(frame);
    frame.fill(0);
    expect([...(change?.bytes ?? [])]).toEqual([0xff, 0xfe]);
  });

  it('are what was written, whatever it is', () => {
    fc.assert(
      fc.property(samples, (written) => {
        const read = decodeChanges(frameOf(written));
        const expected = written.flatMap(({ kinds, mask, cookie, name }) => {
          const bits = KINDS.filter((_, bit) => (kinds & (1 << bit)) !== 0);
          const each: readonly WatchKind[] = bits.length === 0 ? ['other'] : bits;
          return each.map((kind) => ({ kind, mask, cookie, bytes: [...name] }));
        });
        const bytesOf = ({ name = '', bytes }: Change): number[] => [...(bytes ?? Buffer.from(name))];
        expect(
          read.map((change) => ({
            kind: change.kind,
            mask: change.mask,
            cookie: change.cookie ?? 0,
            bytes: bytesOf(change),
          })),
        ).toEqual(expected);
      }),
    );
  });

  it('of a frame that was cut are those that were whole, and nothing of what is beyond it', () => {
    fc.assert(
      fc.property(samples, fc.nat(), (written, cut) => {
        const frame = frameOf(written);
        const length = cut % (frame.length + 1);
        const [whole, part] = [decodeChanges(frame), decodeChanges(frame.subarray(0, length))];
        expect(part.length).toBeLessThanOrEqual(whole.length);
        for (const { bytes, name = '' } of part) {
          expect(bytes?.length ?? Buffer.byteLength(name)).toBeLessThanOrEqual(length);
        }
      }),
    );
  });

  it('of bytes that are no frame are something, and no failure', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const { kind, mask } of decodeChanges(bytes)) {
          expect([...KINDS, 'other']).toContain(kind);
          expect(mask).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
