import { expect, it } from 'vitest';
import { FAMILY_OPTIONS } from '../lib/option_table_families.ts';

it('has the options of every family but IP', () => {
  expect(new Set(FAMILY_OPTIONS.map(({ level }) => level))).toEqual(
    new Set([
      'SOL_LOCAL',
      'AF_VSOCK',
      'SOL_NETLINK',
      'SOL_PACKET',
      'SOL_CAN_RAW',
      'SOL_CAN_ISOTP',
      'SOL_CAN_J1939',
      'SOL_BLUETOOTH',
      'SOL_HCI',
      'SOL_ALG',
    ]),
  );
});

it('knows the structs of CAN and of packet sockets', () => {
  const types = new Map(FAMILY_OPTIONS.flatMap(({ rows }) => rows.map(([name, type]) => [name, type] as const)));
  expect(types.get('CAN_ISOTP_OPTS')?.size).toBe(12); // struct can_isotp_options
  expect(types.get('CAN_RAW_XL_VCID_OPTS')?.size).toBe(4);
  expect(types.get('PACKET_STATISTICS')?.decode(Buffer.alloc(8))).toEqual({ packets: 0, drops: 0 });
  expect(types.get('PACKET_STATISTICS')?.decode(Buffer.alloc(12))).toEqual({ packets: 0, drops: 0, freezes: 0 });
});
