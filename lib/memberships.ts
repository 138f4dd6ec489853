import { constants } from 'node:os';
import { isIPv4 } from './builtins.ts';
import { systemError } from './errors.ts';
import { groupMembership, groupSource, membership4, membership6, sourceMembership4 } from './option_network.ts';
import type { OptionType } from './option_numbers.ts';
import { own } from './option_structs.ts';
import { systemConstants } from './system_constants.ts';
import { type Bytes, optionsOf } from './validate.ts';

/** How `addMembership` and `dropMembership` choose. */
export interface MembershipOptions {
  /** The index or name of an interface; of an IPv4 group also its address. Default: the one that the route says. */
  interface?: number | string;
  /** Only what this address sends (source-specific multicast, RFC 4607). */
  source?: string;
}

export type MembershipAction = 'join' | 'leave' | 'block' | 'unblock';

type Way = readonly [name: string, type: OptionType];

interface Ways {
  /** RFC 3678: for both families, with an interface by index. */
  readonly any: Way;
  /** Where an interface is named by its IPv4 address, and where a system lacks the others. */
  readonly inet: Way;
  readonly inet6?: Way;
}

const OF_GROUP: Readonly<Partial<Record<MembershipAction, Ways>>> = {
  join: {
    any: ['MCAST_JOIN_GROUP', groupMembership],
    inet: ['IP_ADD_MEMBERSHIP', membership4],
    inet6: ['IPV6_JOIN_GROUP', membership6],
  },
  leave: {
    any: ['MCAST_LEAVE_GROUP', groupMembership],
    inet: ['IP_DROP_MEMBERSHIP', membership4],
    inet6: ['IPV6_LEAVE_GROUP', membership6],
  },
};
const OF_SOURCE: Readonly<Record<MembershipAction, Ways>> = {
  join: {
    any: ['MCAST_JOIN_SOURCE_GROUP', groupSource],
    inet: ['IP_ADD_SOURCE_MEMBERSHIP', sourceMembership4],
  },
  leave: {
    any: ['MCAST_LEAVE_SOURCE_GROUP', groupSource],
    inet: ['IP_DROP_SOURCE_MEMBERSHIP', sourceMembership4],
  },
  block: { any: ['MCAST_BLOCK_SOURCE', groupSource], inet: ['IP_BLOCK_SOURCE', sourceMembership4] },
  unblock: { any: ['MCAST_UNBLOCK_SOURCE', groupSource], inet: ['IP_UNBLOCK_SOURCE', sourceMembership4] },
};

/** What setsockopt takes for it: level, name and bytes. */
export function membershipRequest(
  action: MembershipAction,
  group: string,
  options: MembershipOptions | undefined,
): [level: number, name: number, value: Bytes] {
  const given = optionsOf(options);
  const [device, source] = [own(given, 'interface'), own(given, 'source')];
  const value = { group, interface: device, ...(source === undefined ? {} : { source }) };
  const ways = (source === undefined ? OF_GROUP[action] : undefined) ?? OF_SOURCE[action];
  // Worked out first, since it checks every argument.
  const level = groupMembership.level?.(value) ?? 'IPPROTO_IP';
  const byAddress = level === 'IPPROTO_IP' && typeof device === 'string' && isIPv4(device);
  const [first, second] = byAddress
    ? [ways.inet, undefined]
    : [ways.any, level === 'IPPROTO_IP' ? ways.inet : ways.inet6];
  const table = systemConstants();
  const [name, type] = second !== undefined && table[first[0]] === undefined ? second : first;
  const number = table[name];
  const bytes = type.encode(value) as Bytes;
  if (number === undefined)
    throw systemError('setsockopt', constants.errno.ENOPROTOOPT, {}, `this system has no ${name}`);
  return [table[level] as number, number, bytes];
}
