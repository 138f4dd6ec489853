import fc from 'fast-check';
import { expect } from 'vitest';
import { FdError } from '../../lib/index.ts';

/** Whatever JavaScript has. Numbers that may be descriptors of this process are left out: they could be closed by it. */
export const anyValue: fc.Arbitrary<unknown> = fc
  .oneof(
    fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withTypedArray: true,
      withSparseArray: true,
    }),
    fc.constantFrom(
      Symbol('s'),
      Object(1),
      () => 1,
      class {},
      /x/,
      new Error('x'),
      new Proxy({}, {}),
      new ArrayBuffer(8),
      new DataView(new ArrayBuffer(8)),
      new SharedArrayBuffer(8),
      new Int32Array(new SharedArrayBuffer(8)),
    ),
    fc.constantFrom(-0, -1, 0.5, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53, Number.NaN),
    fc.constantFrom(
      'epoll',
      'level',
      'stream',
      'dgram',
      'unix',
      'inet',
      'read',
      'loop',
      'unix:',
      '127.0.0.1:0',
      '[::1]:0',
    ),
    fc.dictionary(
      fc.constantFrom(
        'fd',
        'mode',
        'data',
        'family',
        'host',
        'port',
        'path',
        'bytes',
        'address',
        'fds',
        'control',
        'every',
      ),
      fc.anything(),
    ),
  )
  .filter((value) => !mayBeDescriptor(value) && !mayBeDescriptor((value as { fd?: unknown } | null)?.fd));

const mayBeDescriptor = (value: unknown): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 1_000_000;

/** What was thrown is one of the library's errors, and says what it is about. */
export const expectOurs = (error: unknown, what: string): void => {
  const known = error instanceof FdError || error instanceof TypeError || error instanceof RangeError;
  const { code, message } = error as { code?: unknown; message?: unknown };
  const shown = `${what}: ${error instanceof Error ? error.stack : String(error)}`;
  expect(known, shown).toBe(true);
  expect(code, shown).toMatch(
    error instanceof FdError
      ? /^E[A-Z0-9_]+$/
      : /^ERR_(UNKNOWN_SIGNAL|INVALID_ARG_TYPE|INVALID_ARG_VALUE|OUT_OF_RANGE|FDPOLL_\w+)$/,
  );
  expect(message, shown).toMatch(/.{10}/s);
};
