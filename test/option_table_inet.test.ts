import { expect, it } from 'vitest';
import { INET_OPTIONS } from '../lib/option_table_inet.ts';

it('has the options of IPv4, IPv6 and ICMP, each at the level of its protocol', () => {
  for (const { title, level, rows } of INET_OPTIONS) {
    const names = rows.map(([name]) => name);
    if (level === 'IPPROTO_IPV6')
      expect([title, names]).toEqual([title, names.map(() => expect.stringMatching(/^(IPV6_|IP6T_)/))]);
    if (level === 'IPPROTO_IP')
      expect([title, names]).toEqual([title, names.map(() => expect.stringMatching(/^(IP_|MCAST_|SO_ORIGINAL_DST)/))]);
  }
  expect(new Set(INET_OPTIONS.map(({ level }) => level))).toEqual(
    new Set(['IPPROTO_IP', 'IPPROTO_IPV6', 'IPPROTO_ICMPV6', 'SOL_RAW']),
  );
});

it('has words for path MTU discovery, the same for both families', () => {
  const types = new Map(INET_OPTIONS.flatMap(({ rows }) => rows.map(([name, type]) => [name, type] as const)));
  for (const name of ['IP_MTU_DISCOVER', 'IPV6_MTU_DISCOVER'])
    expect(['dont', 'want', 'do', 'probe', 'interface', 'omit'].map((word) => types.get(name)?.encode(word))).toEqual([
      0, 1, 2, 3, 4, 5,
    ]);
});
