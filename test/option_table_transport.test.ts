import { expect, it } from 'vitest';
import { TRANSPORT_OPTIONS } from '../lib/option_table_transport.ts';

it('has the options of TCP, UDP and what is above them', () => {
  const prefixes: Readonly<Record<string, RegExp>> = {
    IPPROTO_TCP: /^TCP_/,
    IPPROTO_UDP: /^UDP_/,
    SOL_UDPLITE: /^UDPLITE_/,
    SOL_MPTCP: /^MPTCP_/,
    SOL_TLS: /^TLS_/,
  };
  for (const { level, rows } of TRANSPORT_OPTIONS)
    for (const [name] of rows) expect(name).toMatch(prefixes[level] ?? /^no such level/);
});

it('names the unit of what is a time', () => {
  const takes = new Map(
    TRANSPORT_OPTIONS.flatMap(({ rows }) => rows.map(([name, type]) => [name, type.takes] as const)),
  );
  expect(takes.get('TCP_KEEPIDLE')).toBe('seconds');
  expect(takes.get('TCP_USER_TIMEOUT')).toBe('milliseconds');
  expect(takes.get('TCP_TX_DELAY')).toBe('microseconds');
});
