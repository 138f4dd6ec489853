import { expect, it } from 'vitest';
import { SOCKET_OPTIONS } from '../lib/option_table_socket.ts';

it('has the options of SOL_SOCKET, in the order of the alphabet within each group', () => {
  for (const { level, rows } of SOCKET_OPTIONS) {
    expect(level).toBe('SOL_SOCKET');
    const names = rows.map(([name]) => name);
    expect(names.every((name) => name.startsWith('SO_'))).toBe(true);
    expect(names).toEqual(names.toSorted());
  }
});

it('takes what programs are used to', () => {
  const types = new Map(SOCKET_OPTIONS.flatMap(({ rows }) => rows.map(([name, type]) => [name, type] as const)));
  expect(types.get('SO_REUSEADDR')?.takes).toBe('a boolean');
  expect(types.get('SO_LINGER')?.takes).toBe('{ on, seconds }');
  expect(types.get('SO_RCVTIMEO')?.takes).toMatch(/milliseconds/);
  expect(types.get('SO_COOKIE')?.decode(Buffer.alloc(8, 255))).toBe(2n ** 64n - 1n);
});
