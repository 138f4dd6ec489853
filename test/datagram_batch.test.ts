import { describe, expect, it } from 'vitest';
import { memoryOf, refuse } from '../lib/datagram_batch.ts';
import { DatagramBatch, type DatagramBatchOptions, encodeAddress } from '../lib/index.ts';
import { expectOutOfRange, expectUnknownValue, expectWrongType } from './support/expect.ts';

describe('a new batch', () => {
  it('has slots of 2048 bytes, one after the other, and nothing in them', () => {
    const batch = new DatagramBatch(3);
    expect(batch).toMatchObject({ capacity: 3, size: 2048, count: 0 });
    expect(batch.arena).toBeInstanceOf(Buffer);
    expect(batch.arena.length).toBe(3 * 2048);
    expect(batch.arena.every((byte) => byte === 0)).toBe(true);
    expect([...batch.offsets]).toEqual([0, 2048, 4096]);
    for (const column of [
      batch.lengths,
      batch.segments,
      batch.flags,
      batch.interfaces,
      batch.tos,
      batch.addressLengths,
    ])
      expect([...column]).toEqual([0, 0, 0]);
    for (const column of [batch.addresses, batch.locals]) expect(column).toEqual(new Uint8Array(3 * 128));
  });

  it('has columns of these kinds', () => {
    const batch = new DatagramBatch(1);
    for (const column of [batch.offsets, batch.lengths, batch.segments, batch.interfaces])
      expect(column).toBeInstanceOf(Uint32Array);
    expect(batch.flags).toBeInstanceOf(Int32Array);
    for (const column of [batch.tos, batch.addresses, batch.addressLengths, batch.locals])
      expect(column).toBeInstanceOf(Uint8Array);
  });

  it('keeps its columns apart', () => {
    const batch = new DatagramBatch(5, { size: 8 });
    const { offsets, lengths, segments, flags, interfaces, addresses, locals, tos, addressLengths } = batch;
    const columns = [offsets, lengths, segments, flags, interfaces, addresses, locals, tos, addressLengths];
    for (const [i, column] of columns.entries()) column.fill(i + 1);
    for (const [i, column] of columns.entries()) expect([...new Set(column)]).toEqual([i + 1]);
    expect(batch.arena.every((byte) => byte === 0)).toBe(true);
  });

  it('takes slots of another size', () => {
    const batch = new DatagramBatch(2, { size: 65536 });
    expect(batch.size).toBe(65536);
    expect([...batch.offsets]).toEqual([0, 65536]);
    expect(new DatagramBatch(1024, { size: 1 }).arena.length).toBe(1024);
  });

  it('takes memory of the caller, and shares it with him', () => {
    const memory = new Uint8Array(100).subarray(10, 90);
    const batch = new DatagramBatch(4, { arena: memory });
    expect(batch.size).toBe(20);
    batch.slot(1).fill(7);
    expect([...memory.subarray(20, 40)]).toEqual(Array(20).fill(7));
    expect(memory[19]).toBe(0);
    expect(memory[40]).toBe(0);
    expect(new DatagramBatch(4, { arena: memory, size: 16 }).size).toBe(16);
    const shared = new Uint8Array(new SharedArrayBuffer(64));
    expect(new DatagramBatch(2, { arena: shared }).arena.buffer).toBe(shared.buffer);
  });

  it.each(['1', null, undefined, true, 1n, {}])('is not made of a count that is %o', (count) => {
    expectWrongType(() => new DatagramBatch(count as unknown as number));
  });

  it.each([0, -1, 0.5, Number.NaN, 1025, 2 ** 32 + 1, Infinity])('is not made of %d slots', (count) => {
    expectOutOfRange(() => new DatagramBatch(count));
  });

  it.each([0, -1, 0.5, Number.NaN, 2 ** 31, 2 ** 32 + 1, Infinity])('is not made of slots of %d bytes', (size) => {
    expectOutOfRange(() => new DatagramBatch(2, { size }));
    expectOutOfRange(() => new DatagramBatch(2, { size, arena: new Uint8Array(64) }));
  });

  it('is not made of a size, an arena or options of another type', () => {
    for (const size of ['8', null, {}]) expectWrongType(() => new DatagramBatch(1, { size } as DatagramBatchOptions));
    for (const arena of ['text', null, 8, [], new ArrayBuffer(8), new Uint16Array(8), new DataView(new ArrayBuffer(8))])
      expectWrongType(() => new DatagramBatch(1, { arena: arena as never }));
    for (const options of ['text', null, 8])
      expectWrongType(() => new DatagramBatch(1, options as DatagramBatchOptions));
  });

  it('is not made of an arena that is too small for its slots', () => {
    expectOutOfRange(() => new DatagramBatch(4, { arena: new Uint8Array(3) }));
    expectOutOfRange(() => new DatagramBatch(4, { arena: new Uint8Array(63), size: 16 }));
    expectOutOfRange(() => new DatagramBatch(1, { arena: new Uint8Array(0) }));
  });
});

describe('slot', () => {
  it("is a view of the slot's own room, whatever its offset says", () => {
    const batch = new DatagramBatch(3, { size: 10 });
    batch.offsets[1] = 3;
    batch.slot(1).write('hello');
    expect(batch.arena.toString('latin1', 10, 15)).toBe('hello');
    expect(batch.slot(1).length).toBe(10);
    expect(batch.slot(2).byteOffset - batch.slot(0).byteOffset).toBe(20);
  });
});

describe('addresses', () => {
  const forms = [
    '127.0.0.1:80',
    '[::1]:443',
    'unix:/run/x.sock',
    { family: 'inet', host: '10.0.0.1', port: 9 },
  ] as const;

  it.each(forms)('are set from %o and come back as objects', (form) => {
    const batch = new DatagramBatch(2);
    batch.setAddress(1, form);
    const bytes = encodeAddress(form);
    expect(batch.addressLengths[1]).toBe(bytes.length);
    expect(batch.addresses.slice(128, 128 + bytes.length)).toEqual(new Uint8Array(bytes));
    expect(encodeAddress(batch.address(1))).toEqual(bytes);
    expect(batch.addressLengths[0]).toBe(0);
  });

  it('are set from the bytes of another, and are then the same', () => {
    const [one, two] = [new DatagramBatch(2), new DatagramBatch(1)];
    one.setAddress(1, '[fe80::1%1]:5');
    const peer = one.addresses.slice(128, 128 + (one.addressLengths[1] ?? 0));
    two.setAddress(0, peer);
    expect(two.address(0)).toEqual({ family: 'inet6', host: 'fe80::1', port: 5, scopeId: 1 });
    expect(two.sameAddress(0, peer)).toBe(true);
    expect(one.sameAddress(0, peer)).toBe(false);
    peer[2] = 255;
    expect(two.sameAddress(0, peer)).toBe(false);
    expect(two.sameAddress(0, peer.subarray(0, 16))).toBe(false);
    expect(two.sameAddress(0, new Uint8Array(300))).toBe(false);
  });

  it('are at most 128 bytes, and keep to their slot', () => {
    const batch = new DatagramBatch(3);
    batch.setAddress(1, new Uint8Array(128).fill(9));
    expect(batch.sameAddress(1, new Uint8Array(128).fill(9))).toBe(true);
    expect([batch.addresses[127], batch.addresses[128], batch.addresses[255], batch.addresses[256]]).toEqual([
      0, 9, 9, 0,
    ]);
    expectOutOfRange(() => batch.setAddress(1, new Uint8Array(129)));
  });

  it('are without a family where there is none', () => {
    expect(new DatagramBatch(1).address(0)).toEqual({ family: 0, bytes: new Uint8Array(0) });
  });

  it('are read within their slot, however long they say they are', () => {
    const batch = new DatagramBatch(2);
    batch.setAddress(1, '127.0.0.1:1');
    batch.addressLengths.fill(255);
    expect(batch.address(1)).toEqual({ family: 'inet', host: '127.0.0.1', port: 1 });
  });

  it('that are none are refused', () => {
    const batch = new DatagramBatch(1);
    expectUnknownValue(() => batch.setAddress(0, 'localhost:80'));
    for (const address of [null, undefined, 7, true]) expectWrongType(() => batch.setAddress(0, address as never));
    for (const bytes of ['text', null, undefined, [1], new ArrayBuffer(4), new Uint16Array(4)])
      expectWrongType(() => batch.sameAddress(0, bytes as never));
    expect(batch.addressLengths[0]).toBe(0);
  });
});

describe('an index', () => {
  const calls = (batch: DatagramBatch, i: number): (() => unknown)[] => [
    () => batch.slot(i),
    () => batch.address(i),
    () => batch.setAddress(i, '127.0.0.1:1'),
    () => batch.sameAddress(i, new Uint8Array(16)),
  ];

  it.each([-1, 2, 0.5, Number.NaN, 2 ** 32, Infinity])('of %d is out of the range of two slots', (i) => {
    for (const call of calls(new DatagramBatch(2), i)) expectOutOfRange(call);
  });

  it.each(['0', null, undefined, 0n, {}])('that is %o is refused', (i) => {
    for (const call of calls(new DatagramBatch(2), i as unknown as number)) expectWrongType(call);
  });
});

describe('what the addon is given', () => {
  it('is found in a batch alone', () => {
    expect(memoryOf(new DatagramBatch(1)).columns.byteLength).toBe(280 - 2);
    for (const other of [undefined, null, 1, 'batch', {}, Object.create(DatagramBatch.prototype)])
      expectWrongType(() => memoryOf(other as DatagramBatch));
  });

  it('is put into words when it was refused', () => {
    const batch = new DatagramBatch(2, { size: 10 });
    batch.count = 3;
    expect(expectOutOfRange(() => refuse(batch, 0)).message).toMatch(/batch\.count/);
    batch.count = 2;
    expect(expectOutOfRange(() => refuse(batch, 3)).message).toMatch(/from/);
    batch.offsets[1] = 15;
    batch.lengths[1] = 6;
    expect(expectOutOfRange(() => refuse(batch, 0)).message).toMatch(/slot 1.*15 \+ 6/);
    batch.lengths[1] = 5;
    batch.addressLengths[0] = 129;
    expect(expectOutOfRange(() => refuse(batch, 0)).message).toMatch(/addressLengths\[0\]/);
    structuredClone(memoryOf(batch).columns, { transfer: [memoryOf(batch).columns] });
    expect(expectOutOfRange(() => refuse(batch, 0)).message).toMatch(/transferred/);
  });
});
