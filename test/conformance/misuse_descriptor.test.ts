import { describe, expect, it } from 'vitest';
import { type Bytes, type Descriptor, read, readv, splice, write, writev } from '../../lib/index.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { expectFdError, expectOutOfRange, expectWrongType } from '../support/expect.ts';
import { bytes, closedNumber, openPipe, pair } from '../support/sockets.ts';

type Resizable = ArrayBuffer & { resize(length: number): void };
const resizable = (length: number): Resizable =>
  new (ArrayBuffer as unknown as new (length: number, options: object) => Resizable)(length, { maxByteLength: 1024 });

const detached = (): Uint8Array => {
  const view = new Uint8Array(8);
  structuredClone(view.buffer, { transfer: [view.buffer] });
  return view;
};

const transfers: readonly (readonly [string, (descriptor: Descriptor, buffer: Bytes) => number])[] = [
  ['read', read],
  ['write', write],
  ['readv', (descriptor, buffer) => readv(descriptor, [buffer])],
  ['writev', (descriptor, buffer) => writev(descriptor, [buffer])],
];

describe.each(transfers)('%s', (name, transfer) => {
  checkDescriptorsAfterEachTest();

  it('refuses what is no descriptor', () => {
    for (const value of ['1', null, undefined, {}, { fd: '1' }, 1n, [], true, Symbol('fd')])
      expectWrongType(() => transfer(value as unknown as number, Buffer.alloc(1)));
    for (const fd of [-1, 0.5, Number.NaN, Infinity, 2 ** 31, 2 ** 32]) {
      expectOutOfRange(() => transfer(fd, Buffer.alloc(1)));
      expectOutOfRange(() => transfer({ fd }, Buffer.alloc(1)));
    }
  });

  it('throws EBADF for a closed descriptor, and for a closed socket that it is closed', () => {
    const fd = closedNumber();
    expect(expectFdError(() => transfer(fd, Buffer.alloc(1)), 'EBADF', name).fd).toBe(fd);
    const [a] = pair();
    a.close();
    expect(expectOutOfRange(() => transfer(a, Buffer.alloc(1))).message).toMatch(/closed/);
  });

  it('throws EBADF for the wrong end of a pipe', () => {
    const pipe = openPipe();
    expectFdError(() => transfer(name.startsWith('read') ? pipe.write : pipe.read, Buffer.alloc(1)), 'EBADF', name);
  });

  it('refuses what is no view', () => {
    const pipe = openPipe();
    for (const value of ['text', null, undefined, 1, {}, [1], new ArrayBuffer(8), new SharedArrayBuffer(8)])
      expectWrongType(() => transfer(name.startsWith('read') ? pipe.read : pipe.write, value as unknown as Bytes));
  });
});

describe('a buffer that is not what it was', () => {
  checkDescriptorsAfterEachTest();

  it('moves nothing when it is detached', () => {
    const pipe = openPipe();
    write(pipe.write, bytes('kept'));
    expect(write(pipe.write, detached())).toBe(0);
    expect(writev(pipe.write, [detached(), detached()])).toBe(0);
    expect(read(pipe.read, detached())).toBe(0);
    expect(readv(pipe.read, [detached()])).toBe(0);
    expectOutOfRange(() => read(pipe.read, detached(), 1));
    expectOutOfRange(() => write(pipe.write, detached(), 0, 1));
    expect(read(pipe.read, Buffer.alloc(16))).toBe(4);
  });

  it('is as long as it is now when it can be resized', () => {
    const pipe = openPipe();
    const buffer = resizable(4);
    const tracking = new Uint8Array(buffer);
    const fixed = new Uint8Array(buffer, 0, 4);
    buffer.resize(8);
    expect(write(pipe.write, tracking)).toBe(8);
    buffer.resize(2);
    // A view that is out of bounds is empty.
    expect(write(pipe.write, fixed)).toBe(0);
    expect(readv(pipe.read, [fixed, tracking])).toBe(2);
    expectOutOfRange(() => read(pipe.read, tracking, 0, 3));
    expect(read(pipe.read, Buffer.alloc(16))).toBe(6);
  });

  it('may be shared between threads', () => {
    const pipe = openPipe();
    const shared = new Uint8Array(new SharedArrayBuffer(4));
    shared.set(bytes('abcd'));
    expect(writev(pipe.write, [shared, new DataView(shared.buffer, 2)])).toBe(6);
    shared.fill(0);
    expect(readv(pipe.read, [shared, Buffer.alloc(8)])).toBe(6);
    expect(Buffer.from(shared).toString()).toBe('abcd');
  });
});

describe('a range outside of the view', () => {
  checkDescriptorsAfterEachTest();

  it.each([
    [-1, undefined],
    [9, undefined],
    [0, 9],
    [4, 5],
    [8, 1],
    [0, -1],
    [0.5, 1],
    [Number.NaN, 1],
    [0, Number.NaN],
    [2 ** 53, 0],
    [Infinity, 0],
    [0, 2 ** 53],
  ])('is refused: offset %d, length %s', (offset, length) => {
    const pipe = openPipe();
    for (const call of [
      () => read(pipe.read, new Uint8Array(8), offset, length),
      () => write(pipe.write, new Uint8Array(8), offset, length),
    ])
      expect(expectOutOfRange(call).message).toMatch(/^"(offset|length)"/);
    expect(read(pipe.read, Buffer.alloc(1))).toBe(-1);
  });

  it('is refused when it is no number', () => {
    const pipe = openPipe();
    for (const value of ['1', null, {}, 1n]) {
      expect(expectWrongType(() => read(pipe.read, Buffer.alloc(8), value as unknown as number)).message).toMatch(
        /"offset"/,
      );
      expect(expectWrongType(() => write(pipe.write, Buffer.alloc(8), 1, value as unknown as number)).message).toMatch(
        /"length"/,
      );
    }
  });
});

describe('the array of readv and writev', () => {
  checkDescriptorsAfterEachTest();

  it('is one, and all views', () => {
    const pipe = openPipe();
    for (const value of [Buffer.alloc(1), { length: 1, 0: Buffer.alloc(1) }, new Set([Buffer.alloc(1)]), 'ab', null])
      expect(expectWrongType(() => writev(pipe.write, value as unknown as Bytes[])).message).toMatch(/^"buffers"/);
    for (const value of [
      [bytes('a'), 'b'],
      [bytes('a'), undefined],
      Object.assign(new Array(3), { 0: bytes('a'), 2: bytes('c') }),
      [bytes('a'), [98]],
    ])
      expect(expectWrongType(() => writev(pipe.write, value as unknown as Bytes[])).message).toMatch(/^"buffers\[1\]"/);
    expect(read(pipe.read, Buffer.alloc(1))).toBe(-1);
  });

  it('may run code when it is looked at, which changes nothing underway', () => {
    const pipe = openPipe();
    write(pipe.write, bytes('12345678'));
    const victim = new Uint8Array(8);
    const buffers: Bytes[] = [victim];
    Object.defineProperty(buffers, 1, {
      enumerable: true,
      get: () => {
        structuredClone(victim.buffer, { transfer: [victim.buffer] });
        return new Uint8Array(2);
      },
    });
    expect(readv(pipe.read, buffers)).toBe(2);
  });
});

describe('splice', () => {
  checkDescriptorsAfterEachTest();

  it('refuses what is no descriptor and no count', () => {
    const pipe = openPipe();
    for (const fd of [-1, 2 ** 31, Number.NaN]) {
      expectOutOfRange(() => splice(fd, pipe.write, 1));
      expectOutOfRange(() => splice(pipe.read, fd, 1));
    }
    for (const count of [-1, 0.5, Number.NaN, Infinity, 2 ** 53])
      expectOutOfRange(() => splice(pipe.read, pipe.write, count));
    for (const count of ['1', null, undefined, 1n])
      expectWrongType(() => splice(pipe.read, pipe.write, count as unknown as number));
    const code = process.platform === 'linux' ? 'EBADF' : 'ENOSYS';
    expectFdError(() => splice(closedNumber(), pipe.write, 1), code, 'splice');
    expectFdError(() => splice(pipe.read, closedNumber(), 1), code, 'splice');
  });
});
