import { constants, openSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { native } from '../lib/binding.ts';
import { close } from '../lib/descriptors.ts';
import { ioctl } from '../lib/ioctl.ts';
import { write } from '../lib/read_write.ts';
import { checkDescriptorsAfterEachTest, isCloseOnExec } from './support/descriptors.ts';
import { expectFdError, expectOutOfRange, expectWrongType } from './support/expect.ts';
import { bytes, closedNumber, closing, openPipe, pair } from './support/sockets.ts';

const linux = process.platform === 'linux';
// Of <sys/ioctl.h>: the bytes that wait in a pipe, written as an int.
const FIONREAD = linux ? 0x541b : 0x4004667f;

afterEach(() => {
  vi.restoreAllMocks();
});

const open = (path: string): number => {
  const fd = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  closing({ close: () => close(fd) });
  return fd;
};

/** A pipe with five bytes in it. */
const fiveWaiting = (): number => {
  const pipe = openPipe();
  write(pipe.write, bytes('12345'));
  return pipe.read;
};

describe('ioctl with a view', () => {
  checkDescriptorsAfterEachTest();

  it('writes the answer into the view, in place', () => {
    const fd = fiveWaiting();
    for (const view of [
      new Int32Array(1),
      new DataView(new ArrayBuffer(4)),
      new Uint32Array(new SharedArrayBuffer(4)),
    ]) {
      expect(ioctl({ fd }, FIONREAD, view)).toBe(0);
      expect(Buffer.from(view.buffer).readInt32LE()).toBe(5);
    }
  });

  it('touches nothing outside of the view, however short it is', () => {
    const around = Buffer.alloc(16, 0xee);
    for (let length = 0; length < 4; length++) {
      ioctl(fiveWaiting(), FIONREAD, around.subarray(8, 8 + length));
      const expected = Buffer.alloc(16, 0xee);
      if (length > 0) expected.fill(0, 8, 8 + length).writeUInt8(5, 8);
      expect(around).toEqual(expected);
    }
  });

  it('takes a view that is longer than its own buffer', () => {
    const view = Buffer.alloc(100_000, 0xee);
    ioctl(fiveWaiting(), FIONREAD, view);
    expect(view.readInt32LE()).toBe(5);
    expect(view.subarray(4).every((byte) => byte === 0xee)).toBe(true);
  });

  it('takes a detached one for an empty one, and one that shrank for what is left', () => {
    const gone = new Int32Array(1);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    expect(ioctl(fiveWaiting(), FIONREAD, gone)).toBe(0);
    const Resizable = ArrayBuffer as unknown as new (
      length: number,
      options: object,
    ) => ArrayBuffer & { resize(n: number): void };
    const buffer = new Resizable(64, { maxByteLength: 128 });
    const view = new Uint8Array(buffer);
    buffer.resize(2);
    expect(ioctl(fiveWaiting(), FIONREAD, view)).toBe(0);
    expect([...view]).toEqual([5, 0]);
  });

  it.skipIf(!linux)('goes with a request beyond 2^31, as a negative number too (Linux: TIOCGPTN)', () => {
    const fd = open('/dev/ptmx');
    const [unsigned, signed] = [new Int32Array([-1]), new Int32Array([-1])];
    expect(ioctl(fd, 0x80045430, unsigned)).toBe(0);
    expect(ioctl(fd, 0x80045430 | 0, signed)).toBe(0);
    expect(unsigned[0]).toBeGreaterThanOrEqual(0);
    expect(signed).toEqual(unsigned);
  });
});

describe('ioctl with a number', () => {
  checkDescriptorsAfterEachTest();

  it.skipIf(!linux)('passes it by value, negative or unsigned (Linux: TCFLSH)', () => {
    const fd = open('/dev/ptmx');
    for (const queue of [0, 1, 2]) expect(ioctl(fd, 0x540b, queue)).toBe(0);
    for (const queue of [3, -1, -(2 ** 31), 2 ** 31, 2 ** 32 - 1])
      expect(expectFdError(() => ioctl(fd, 0x540b, queue), 'EINVAL', 'ioctl').fd).toBe(fd);
  });

  it.skipIf(!linux)('may leave it out (Linux: FIOCLEX)', () => {
    const { read } = openPipe();
    expect(ioctl(read, 0x5450)).toBe(0);
    expect(isCloseOnExec(read)).toBe(false);
    expect(ioctl(read, 0x5451)).toBe(0);
    expect(isCloseOnExec(read)).toBe(true);
  });

  it.skipIf(!linux)('returns what the call returns (Linux: NS_GET_NSTYPE)', () => {
    const fd = openSync('/proc/self/ns/net', 'r');
    closing({ close: () => close(fd) });
    expect(ioctl(fd, 0xb703)).toBe(0x40000000);
  });
});

describe('ioctl', () => {
  checkDescriptorsAfterEachTest();

  it('throws what the system says', () => {
    const fd = closedNumber();
    expect(expectFdError(() => ioctl(fd, FIONREAD, new Int32Array(1)), 'EBADF', 'ioctl').fd).toBe(fd);
    expectFdError(() => ioctl(openPipe().read, 0x12345678), 'ENOTTY', 'ioctl');
  });

  it('is -1 when the driver would have to wait', () => {
    vi.spyOn(native, 'ioctl').mockReturnValue(-1);
    expect(ioctl(0, FIONREAD)).toBe(-1);
  });

  it('refuses what is no request and no argument', () => {
    const [a] = pair();
    for (const request of ['1', null, undefined, 1n, {}])
      expect(expectWrongType(() => ioctl(a, request as unknown as number)).message).toMatch(/^"request"/);
    for (const request of [2 ** 32, -(2 ** 31) - 1, 0.5, Number.NaN]) expectOutOfRange(() => ioctl(a, request));
    for (const argument of [2 ** 32, -(2 ** 31) - 1, 0.5, Number.NaN, Infinity])
      expect(expectOutOfRange(() => ioctl(a, FIONREAD, argument)).message).toMatch(/^"argument"/);
    for (const argument of ['1', null, 1n, {}, [1], new ArrayBuffer(4), true])
      expect(expectWrongType(() => ioctl(a, FIONREAD, argument as unknown as number)).message).toMatch(/^"argument"/);
    for (const fd of [-1, 2 ** 31, Number.NaN]) expectOutOfRange(() => ioctl(fd, FIONREAD));
    a.close();
    expectOutOfRange(() => ioctl(a, FIONREAD));
  });
});
